import { formatFieldPath } from '../model/field-path.ts';
import type { ApplyReport } from '../model/outcome.ts';
import type { NodeId } from '../model/plan.ts';
import { formatRange } from '../model/source.ts';
import type { JsonObject } from '../util/json.ts';
import { achievements, formatCause } from './cause.ts';
import { reportFormatVersion, toDocument } from './document.ts';
import { countEntries, entriesOf, type Entry, type Fate, type LedgerCounts } from './ledger-entries.ts';
import { actionPaint, symbols, type Style } from './style.ts';
import { listed, padded, printable, printableLines, widest } from './text.ts';
import { actionOrder } from './totals.ts';
import { formatElapsed } from './units.ts';
import { notDone } from './verbs.ts';

/** The command that an apply was part of. */
export type Operation = 'apply' | 'destroy' | 'start' | 'stop' | 'restart';

/** How {@link formatLedger} shows a report. */
export interface LedgerOptions {
  readonly style: Style;
  /** The command that was carried out; `apply` unless told. */
  readonly operation?: Operation;
  /** Columns of the terminal, 100 unless told: lists of addresses are cut to it. */
  readonly width?: number;
  /** Leave out what was done, because the reader has just seen it line by line. */
  readonly seen?: boolean;
}

/**
 * The end of an apply: what was done, what failed and why, what was skipped because of it, what was not begun, and
 * what to do next. The last line says it all.
 */
export function formatLedger(report: ApplyReport, options: LedgerOptions): string {
  const entries = entriesOf(report);
  const sections = [
    options.seen ? '' : doneSection(entries, options.style),
    failedSection(entries, options.style),
    cancelledSection(entries, options.style),
    skippedSection(entries, options),
    notStartedSection(entries, options),
  ].filter((section) => section !== '');
  return `${[...sections, ending(report, entries, options)].join('\n\n')}\n`;
}

/** The end of an apply as a document for programs: one entry for each resource, with what stopped it. */
export function ledgerJson(report: ApplyReport): JsonObject {
  const entries = entriesOf(report);
  return toDocument({
    formatVersion: reportFormatVersion,
    type: 'ledger',
    workspace: report.plan.workspace,
    digest: report.plan.digest,
    status: report.status,
    startedAt: new Date(report.startedAt).toISOString(),
    elapsed: report.elapsed,
    counts: countEntries(entries),
    resources: entries.map(entryJson),
  });
}

function entryJson(entry: Entry): object {
  const { address, driver, action, change, fate } = entry;
  const common = { address, driver, action, status: fate.type, ...(change ? { cause: change.cause } : {}) };
  switch (fate.type) {
    case 'done':
      return { ...common, elapsed: fate.elapsed };
    case 'failed': {
      const { error, attempts, elapsed } = fate.outcome;
      const { source: _, ...told } = error;
      return {
        ...common,
        node: fate.node.id,
        verb: fate.node.step.verb,
        error: told,
        attempts,
        elapsed,
        source: fate.source,
      };
    }
    case 'cancelled':
      return { ...common, node: fate.node.id, verb: fate.node.step.verb, elapsed: fate.elapsed };
    case 'skipped':
      return { ...common, blockedBy: fate.blockedBy };
    case 'not-started':
      return common;
  }
}

function doneSection(entries: readonly Entry[], style: Style): string {
  const done = entries.flatMap(({ address, action, fate }) =>
    fate.type === 'done' ? [{ address: printable(address), action, fate }] : [],
  );
  const column = Math.min(40, widest(done.map(({ address }) => address)));
  return done
    .map(({ address, action, fate }) => {
      const paint = actionPaint(style, action);
      const took = style.dim(formatElapsed(fate.elapsed).padStart(8));
      return `${paint(symbols[action].padStart(3))} ${padded(address, column)} ${paint(padded(achievements[action], 8))} ${took}`;
    })
    .join('\n');
}

function failedSection(entries: readonly Entry[], style: Style): string {
  const failures = entries.flatMap((entry) =>
    entry.fate.type === 'failed' ? [failure(entry, entry.fate, style)] : [],
  );
  return failures.length === 0 ? '' : [style.bold(style.red('Failed:')), ...failures].join('\n');
}

function failure(entry: Entry, fate: Extract<Fate, { readonly type: 'failed' }>, style: Style): string {
  const { error, attempts } = fate.outcome;
  const [message = '', ...more] = printableLines(error.message);
  const tries = attempts > 1 ? ` (after ${String(attempts)} attempts)` : '';
  const cause = entry.change ? formatCause(entry.change.cause).replace(/^, /, '') : '';
  const at = [
    error.field === undefined ? '' : `field ${printable(formatFieldPath(error.field))}`,
    fate.source ? printable(formatRange(fate.source)) : '',
  ].filter(Boolean);
  return [
    `  ${style.red('x')} ${style.bold(printable(entry.address))} ${style.red(notDone(fate.node.step))}: ${message}${tries}`,
    ...more.map((line) => `      ${line}`),
    ...(at.length > 0 ? [`      ${style.blue('-->')} ${at.join(' at ')}`] : []),
    ...(cause === '' ? [] : [`      it was to be ${achievements[entry.action]} ${cause}`]),
    ...(error.details ?? []).flatMap(printableLines).map((line) => `      ${style.dim('|')} ${line}`.trimEnd()),
    ...(fate.untouched ? ['      what ran before was not touched'] : []),
    ...(error.hint === undefined ? [] : [`      ${style.green('hint')}: ${printable(error.hint)}`]),
  ].join('\n');
}

function cancelledSection(entries: readonly Entry[], style: Style): string {
  const lines = entries.flatMap(({ address, fate }) =>
    fate.type === 'cancelled'
      ? [
          `  ${style.yellow('?')} ${printable(address)}: ${fate.node.step.verb} was cut off after ${formatElapsed(fate.elapsed)}`,
        ]
      : [],
  );
  const heading = 'Cancelled, and what became of it is not known:';
  return lines.length === 0 ? '' : [style.bold(style.yellow(heading)), ...lines].join('\n');
}

/** One line for each root cause, whatever was waiting for it. */
function skippedSection(entries: readonly Entry[], options: LedgerOptions): string {
  const byRoot = new Map<NodeId, string[]>();
  for (const { address, fate } of entries) {
    if (fate.type !== 'skipped') continue;
    byRoot.set(fate.blockedBy, [...(byRoot.get(fate.blockedBy) ?? []), printable(address)]);
  }
  const lines = [...byRoot].map(([root, addresses]) => {
    const because = `because \`${printable(root)}\` failed`;
    return `  ${listed(addresses, room(options) - because.length)}, ${because}`;
  });
  return lines.length === 0 ? '' : [options.style.bold('Skipped:'), ...lines].join('\n');
}

function notStartedSection(entries: readonly Entry[], options: LedgerOptions): string {
  const addresses = entries.flatMap(({ address, fate }) => (fate.type === 'not-started' ? [printable(address)] : []));
  return addresses.length === 0 ? '' : `${options.style.bold('Not started:')}\n  ${listed(addresses, room(options))}`;
}

function ending(report: ApplyReport, entries: readonly Entry[], options: LedgerOptions): string {
  const { style, operation = 'apply' } = options;
  const name = `${operation.charAt(0).toUpperCase()}${operation.slice(1)}`;
  const counts = formatCounts(countEntries(entries));
  const took = `in ${formatElapsed(report.elapsed)}.`;
  switch (report.status) {
    case 'succeeded':
      if (counts === '') return style.bold(style.green(`${name} complete: there was nothing to do.`));
      return style.bold(style.green(`${name} complete: ${counts} ${took}`));
    case 'failed':
      return `${style.bold(style.red(`${name} failed: ${counts} ${took}`))}\n${next(entries, operation)}`;
    case 'interrupted':
      return `${style.bold(style.yellow(`Interrupted: ${counts || 'nothing was begun'} ${took}`))}\n${next(entries, operation)}`;
  }
}

/** `2 created, 1 replaced, 1 failed, 3 skipped`; empty when there is nothing to count. */
export function formatCounts(counts: LedgerCounts): string {
  const parts: readonly (readonly [number, string])[] = [
    ...actionOrder.map((action) => [counts.done[action], achievements[action]] as const),
    [counts.failed, 'failed'],
    [counts.cancelled, 'cancelled'],
    [counts.skipped, 'skipped'],
    [counts.notStarted, 'not started'],
  ];
  return parts.flatMap(([count, words]) => (count === 0 ? [] : [`${String(count)} ${words}`])).join(', ');
}

function next(entries: readonly Entry[], operation: Operation): string {
  const moved = entries.some(({ fate }) => fate.type === 'failed' && fate.outcome.error.code === 'moved');
  if (moved) return `The world moved after the plan was made: run \`aac ${operation}\` again for a new plan.`;
  const failed = entries.some(({ fate }) => fate.type === 'failed');
  return `${failed ? 'Once that is put right, run' : 'Run'} \`aac ${operation}\` again: it goes on from what stands now.`;
}

function room(options: LedgerOptions): number {
  return Math.max(40, (options.width ?? 100) - 6);
}
