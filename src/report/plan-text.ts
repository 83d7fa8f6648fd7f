import { templateOf, type TemplateAddress } from '../model/address.ts';
import { isEmptyPlan, type Change, type Plan } from '../model/plan.ts';
import { formatRange } from '../model/source.ts';
import { equalJson } from '../util/json.ts';
import { formatCause, intentions } from './cause.ts';
import { toDocument } from './document.ts';
import { driftSection } from './drift.ts';
import { changeRows, creationsOf } from './plan-rows.ts';
import { alignRows, rowPaints, valueBudget, type Row } from './rows.ts';
import { actionPaint, symbols, type Style } from './style.ts';
import { padded, printable, widest } from './text.ts';
import { formatTotals } from './totals.ts';

/** How {@link formatPlan} shows a plan. */
export interface PlanTextOptions {
  readonly style: Style;
  /** Whether resources that stay as they are get a line too. */
  readonly showUnchanged?: boolean;
  /** Columns of the terminal, 100 unless told: values are cut to it, places and remarks are not. */
  readonly width?: number;
}

/**
 * A plan for people: what moved outside aac, then each change with its cause, its fields and the manifest line behind
 * them, then totals and the digest to approve. Diagnostics are printed apart, by `formatDiagnostics`.
 */
export function formatPlan(plan: Plan, options: PlanTextOptions): string {
  const { style } = options;
  const sections = [driftSection(plan.drift, options), joinBlocks(changeBlocks(plan, options), style)].filter(Boolean);
  const end = isEmptyPlan(plan)
    ? [style.bold(style.green(formatTotals(plan)))]
    : [style.bold(formatTotals(plan)), style.dim(`digest: ${plan.digest}`)];
  return `${[...sections, end.join('\n')].join('\n\n')}\n`;
}

/** One change as people read it: a heading and the lines below it. */
export interface ChangeBlock {
  readonly change: Change;
  readonly heading: string;
  readonly rows: readonly Row[];
}

/** The changes that are worth a line, in the plan's order; replicas that are alike are told once. */
export function changeBlocks(plan: Plan, options: PlanTextOptions): readonly ChangeBlock[] {
  const shown = plan.changes.filter((change) => options.showUnchanged === true || isWorthALine(change));
  const drivers = new Set(plan.changes.map((change) => change.driver));
  const label = (change: Change): string =>
    `${printable(change.address)}${drivers.size > 1 ? ` (${change.driver})` : ''}`;
  const column = Math.min(40, widest(shown.map(label)));
  const budget = valueBudget(options.width);

  const creations = creationsOf(plan);
  const leaders = new Map<TemplateAddress, Leader>();
  return shown.map((change): ChangeBlock => {
    const rows = changeRows(change, creations, budget);
    const template = templateOf(change.address);
    const leader = leaders.get(template);
    const likeness = leader && isAlike(leader.change, change) ? compareRows(leader, rows) : { rows, words: '' };
    if (likeness.words === '' && rows.length > 0) leaders.set(template, { change, rows });
    const heading = changeHeading(change, padded(label(change), column), likeness.words, options.style);
    return { change, heading: `${heading}${placeOf(change, likeness.rows, options.style)}`, rows: likeness.rows };
  });
}

/** Something happens, or does not happen for a reason that has to be said. */
export function isWorthALine({ action, approval, notes }: Change): boolean {
  return action !== 'no-op' || approval !== undefined || notes.length > 0;
}

function changeHeading(change: Change, label: string, likeness: string, style: Style): string {
  const paint = actionPaint(style, change.action);
  const symbol = paint(symbols[change.action].padStart(3));
  return `${symbol} ${style.bold(label)} ${paint(intentions[change.action])}${formatCause(change.cause)}${likeness}`;
}

/** The manifest line behind a change, unless one of its own lines already shows it. */
function placeOf(change: Change, rows: readonly Row[], style: Style): string {
  if (!change.source || change.action === 'no-op') return '';
  const place = printable(formatRange(change.source));
  return rows.some((row) => row.remark?.endsWith(place)) ? '' : style.dim(`  # ${place}`);
}

/** The first replica of a template with lines of its own; later ones show only what differs from it. */
interface Leader {
  readonly change: Change;
  readonly rows: readonly Row[];
}

function isAlike(leader: Change, change: Change): boolean {
  return (
    leader.action === change.action &&
    leader.driver === change.driver &&
    equalJson(toDocument(leader.cause), toDocument(change.cause))
  );
}

function compareRows(leader: Leader, rows: readonly Row[]): { readonly rows: readonly Row[]; readonly words: string } {
  const texts = new Set(leader.rows.map(rowText));
  const own = rows.filter((row) => !texts.has(rowText(row)));
  const missing = leader.rows.length - (rows.length - own.length);
  if (own.length === 0 && missing === 0) return { rows: own, words: `, like ${leader.change.address}` };
  if (own.length >= missing && own.length < rows.length) {
    return { rows: own, words: `, otherwise like ${leader.change.address}` };
  }
  return { rows, words: '' };
}

function rowText(row: Row): string {
  return JSON.stringify([row.mark, row.name, row.value, row.remark]);
}

/** Blocks with lines of their own stand apart; bare headings follow each other closely. */
function joinBlocks(blocks: readonly ChangeBlock[], style: Style): string {
  const paints = rowPaints(style);
  return blocks
    .map(({ heading, rows }, index) => {
      const previous = blocks[index - 1];
      const gap = previous && (previous.rows.length > 0 || rows.length > 0) ? '\n' : '';
      return `${gap}${[heading, ...alignRows(rows, paints)].join('\n')}`;
    })
    .join('\n');
}
