import type { RecordedRevision, Revision, Unreturnable } from '../model/revision.ts';
import type { JsonObject } from '../util/json.ts';
import { reportFormatVersion, toDocument } from './document.ts';
import type { Style } from './style.ts';
import { padded, printable, widest } from './text.ts';
import { actionOrder } from './totals.ts';

/** Why a revision cannot be returned to, in words that go after "cannot be returned to:". */
export const unreturnableReasons: Readonly<Record<Unreturnable, string>> = {
  operation: 'agents were stopped, started or restarted as they stood',
  removal: 'it only took things away',
  run: 'it was about an agent of `aac run`, which has no manifest',
  'saved-plan': 'its saved plan does not tell the manifests that it was made from',
  sensitive: 'its manifests held a sensitive value as plain text, which is stored nowhere',
  old: 'it is too long ago',
  lost: 'what it asked for is not kept on this machine',
};

/** One line for each revision, the newest first, and below why there is no way back to some. */
export function formatHistory(revisions: readonly RecordedRevision[], style: Style): string {
  const rows = [...revisions]
    .reverse()
    .map((revision) => [
      `${String(revision.revision)}${revision.restorable ? '' : '*'}`,
      timeOf(revision.at),
      printable(`${revision.user}@${revision.host}`),
      commitOf(revision),
      revision.status,
      changesOf(revision),
      revision.digest.slice(0, 12),
      printable(revision.command),
    ]);
  const heads = ['REVISION', 'WHEN', 'WHO', 'COMMIT', 'RESULT', 'CHANGES', 'DIGEST', 'COMMAND'];
  const widths = heads.map((head, column) => widest([head, ...rows.map((row) => row[column] ?? '')]));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => padded(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const notes = notesOf(revisions);
  return `${[style.bold(line(heads)), ...rows.map(line), ...(notes.length > 0 ? ['', ...notes] : [])].join('\n')}\n`;
}

/** A line for each reason: `* 7, 4 cannot be returned to: it only took things away`. */
function notesOf(revisions: readonly RecordedRevision[]): readonly string[] {
  const groups = new Map<Unreturnable, number[]>();
  for (const { revision, unreturnable } of [...revisions].reverse()) {
    if (unreturnable === undefined) continue;
    groups.set(unreturnable, [...(groups.get(unreturnable) ?? []), revision]);
  }
  return [...groups].map(
    ([reason, numbers]) => `* ${numbers.join(', ')} cannot be returned to: ${unreturnableReasons[reason]}`,
  );
}

/** One revision, whole: where it came from, and what became of each step. */
export function formatRevision(revision: RecordedRevision, style: Style): string {
  const { at, finishedAt, user, host, command, digest, directory, rollbackTo, unreturnable, steps } = revision;
  const facts: readonly (readonly [string, string])[] = [
    ['result', revision.status],
    ['begun', `${timeOf(at)}${finishedAt === undefined ? '' : `, ended ${timeOf(finishedAt)}`}`],
    ['by', printable(`${user}@${host}`)],
    ['command', printable(command)],
    ['directory', printable(directory)],
    ['commit', commitOf(revision, true)],
    ['changes', changesOf(revision)],
    ['digest', digest],
    ...(rollbackTo === undefined ? [] : ([['returned to', `revision ${String(rollbackTo)}`]] as const)),
    ['can be returned to', unreturnable === undefined ? 'yes' : `no: ${unreturnableReasons[unreturnable]}`],
  ];
  const column = widest(facts.map(([name]) => name));
  const ledger = steps.map(({ verb, address, status, code }) => {
    const mark = status === 'succeeded' ? style.green('ok') : style.red(status);
    return `  ${padded(verb, 6)} ${printable(address)}  ${mark}${code === undefined ? '' : ` (${code})`}`;
  });
  return `${[
    style.bold(`revision ${String(revision.revision)}`),
    ...facts.map(([name, value]) => `  ${padded(name, column)}  ${value}`),
    ...(ledger.length === 0 ? [] : ['', style.bold('steps'), ...ledger]),
  ].join('\n')}\n`;
}

/** A revision in a few words: `revision 7 of 2026-01-31 09:30:00Z by ann@host`. */
export function describeRevision({ revision, at, user, host, git }: Revision): string {
  const commit = git ? `, commit ${git.commit.slice(0, 10)}` : '';
  return printable(`revision ${String(revision)} of ${timeOf(at)} by ${user}@${host}${commit}`);
}

/** The history as a document for programs; the newest first. */
export function historyJson(revisions: readonly RecordedRevision[]): JsonObject {
  return toDocument({
    formatVersion: reportFormatVersion,
    type: 'history',
    revisions: [...revisions].reverse(),
  });
}

/** One revision as a document for programs. */
export function revisionJson(revision: RecordedRevision): JsonObject {
  return toDocument({ formatVersion: reportFormatVersion, type: 'revision', ...revision });
}

/** `2026-01-31 09:30:00Z`: the same in every place. */
function timeOf(at: string): string {
  return at.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
}

function commitOf({ git }: Revision, whole = false): string {
  if (!git) return '-';
  const commit = whole ? git.commit : git.commit.slice(0, 10);
  return printable(`${commit}${git.dirty ? (whole ? ', with changes that it does not hold' : '+') : ''}`);
}

function changesOf({ changes, rollbackTo }: Revision): string {
  const counts = actionOrder.flatMap((action) => {
    const count = changes[action] ?? 0;
    return count === 0 ? [] : [`${String(count)} ${action}`];
  });
  const back = rollbackTo === undefined ? '' : `, back to ${String(rollbackTo)}`;
  return `${counts.join(', ')}${back}` || '-';
}
