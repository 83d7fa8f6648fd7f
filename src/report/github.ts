import type { Plan } from '../model/plan.ts';
import type { SourceRange } from '../model/source.ts';
import type { Finding } from './findings.ts';
import { bytes, type Budget } from './markdown-budget.ts';
import { printable } from './text.ts';
import { countActions } from './totals.ts';

/** What a step of GitHub Actions may write to its summary: a mebibyte; more is thrown away as a whole. */
export const summaryBudget: Budget = { limit: 2 ** 20 - 4096, measure: bytes };

/** How many annotations of one kind GitHub shows for one step. */
export const annotationsPerKind = 10;

const commands = { error: 'error', warning: 'warning', note: 'notice' } as const;

/**
 * Findings as workflow commands, one a line: GitHub shows them at the manifest's lines. Of each kind at most
 * {@link annotationsPerKind}, the last of which says how many more there are.
 */
export function githubAnnotations(findings: readonly Finding[]): string {
  const lines = (['error', 'warning', 'note'] as const).flatMap((level) => {
    const chosen = findings.filter((finding) => finding.level === level);
    if (chosen.length <= annotationsPerKind) return chosen.map(annotation);
    const shown = chosen.slice(0, annotationsPerKind - 1);
    const rest = `${String(chosen.length - shown.length)} more, in the summary of this step`;
    return [...shown.map(annotation), `::${commands[level]} title=aac::${rest}`];
  });
  return lines.map((line) => `${line}\n`).join('');
}

/** What later steps can ask of a plan, as lines for `$GITHUB_OUTPUT`: numbers of resources, and the digest. */
export function githubOutputs(plan: Plan): string {
  const { 'no-op': _unchanged, ...counts } = countActions(plan.changes);
  const changes = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const outputs = { changes, destroys: counts.delete, drift: plan.drift.length, digest: plan.digest };
  return Object.entries(outputs)
    .map(([name, value]) => `${name}=${String(value)}\n`)
    .join('');
}

function annotation({ level, title, details, range, rule }: Finding): string {
  const properties = [...(range ? positionOf(range) : []), ['title', `aac: ${rule}`] as const].map(
    ([name, value]) => `${name}=${escapeProperty(value)}`,
  );
  return `::${commands[level]} ${properties.join(',')}::${escapeData([title, ...details].join('\n'))}`;
}

function positionOf(range: SourceRange): readonly (readonly [string, string])[] {
  const { file, start, end } = range;
  const lines = [
    ['file', printable(file)],
    ['line', String(start.line)],
    ['endLine', String(end.line)],
  ] as const;
  // columns are taken only where a range stays on its line
  if (start.line !== end.line) return lines;
  return [...lines, ['col', String(start.column)], ['endColumn', String(Math.max(start.column, end.column - 1))]];
}

/** As `@actions/core` does, which itself writes to the process. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
