import { hasErrors, type Diagnostic } from '../model/diagnostic.ts';
import type { ApplyReport } from '../model/outcome.ts';
import { isEmptyPlan, type Change, type ChangeAction, type Plan } from '../model/plan.ts';
import { formatRange, type SourceRange } from '../model/source.ts';
import { formatApproval, intentions } from './cause.ts';
import { summarize } from './diagnostics.ts';
import { driftBlocks, putsRight, type Happened } from './drift.ts';
import {
  changeSentence,
  dangerOrder,
  diagnosticFindings,
  inOrderOfDanger,
  ledgerFindings,
  type Finding,
} from './findings.ts';
import { countEntries, entriesOf } from './ledger-entries.ts';
import { formatCounts, type Operation } from './ledger.ts';
import { characters, compose, type Budget, type Part } from './markdown-budget.ts';
import { code, inline } from './markdown-syntax.ts';
import { changeBlocks, isWorthALine, type ChangeBlock } from './plan-text.ts';
import { alignRows, rowPaints, type Row } from './rows.ts';
import { plainStyle } from './style.ts';
import { counted, cut, printable } from './text.ts';
import { formatTotals } from './totals.ts';
import { formatElapsed } from './units.ts';

/** What a comment on GitHub may hold, with some room; GitLab takes a million, other services less. */
export const commentBudget: Budget = { limit: 65_536 - 1024, measure: characters };

/**
 * A plan as a comment for its reviewers: what will be deleted, the totals in one line, errors, what happens to which
 * resource, and the whole difference folded below. The first line is a comment by which a bot finds its own comment
 * again.
 */
export function planMarkdown(plan: Plan, budget = commentBudget): string {
  const shown = plan.changes.filter(isWorthALine);
  const blocks = changeBlocks({ ...plan, changes: inOrderOfDanger(plan.changes) }, { style: plainStyle, width: 160 });
  return compose(
    [
      ...title('plan', plan.workspace, `Plan for ${code(printable(plan.workspace))}`),
      callout(shown),
      { type: 'text', text: `**${inline(formatTotals(plan))}**` },
      ...problems(plan.diagnostics, 'error'),
      ...dangerOrder.map((action) => changeList(action, shown)),
      { type: 'folded', summary: 'Every difference', items: blocks.map(diffBlock), language: 'diff', share: 1 },
      ...driftParts(plan),
      ...problems(plan.diagnostics, 'warning'),
      ...problems(plan.diagnostics, 'note'),
      ...(isEmptyPlan(plan) || hasErrors(plan.diagnostics) ? [] : [approval(plan)]),
    ],
    budget,
  );
}

/** The drift of a plan, as an issue or a comment would tell it. */
export function driftMarkdown(plan: Plan, budget = commentBudget, happened: Happened = new Map()): string {
  const count = plan.drift.length;
  const words =
    count === 0
      ? '**No drift.** Nothing changed outside of aac.'
      : `**Drift: ${counted(count, 'resource')} moved.** ${putsRight(count)}`;
  return compose(
    [
      ...title('drift', plan.workspace, `Drift of ${code(printable(plan.workspace))}`),
      { type: 'text', text: words },
      ...problems(plan.diagnostics, 'error'),
      {
        type: 'folded',
        summary: 'What moved',
        items: driftBlocks(plan.drift, { style: plainStyle, width: 160 }, happened).map(({ heading, events, rows }) =>
          diffLines('!', [`  ${heading}`, ...events.map((event) => `      ${event}`)].join('\n'), rows),
        ),
        language: 'diff',
        share: 1,
      },
    ],
    budget,
  );
}

/** What is wrong, when there is no plan to show. */
export function diagnosticsMarkdown(
  diagnostics: readonly Diagnostic[],
  workspace: string,
  budget = commentBudget,
): string {
  const words = diagnostics.length === 0 ? 'Nothing is wrong.' : `${summarize(diagnostics)}.`;
  return compose(
    [
      ...title('check', workspace, workspace === '' ? 'Check' : `Check of ${code(printable(workspace))}`),
      { type: 'text', text: `**${words}**` },
      ...problems(diagnostics, 'error', 0.6),
      ...problems(diagnostics, 'warning', 0.2),
      ...problems(diagnostics, 'note'),
    ],
    budget,
  );
}

/** The end of an apply: what failed and why, what was not begun because of it, and what was done. */
export function ledgerMarkdown(report: ApplyReport, operation: Operation = 'apply', budget = commentBudget): string {
  const name = `${operation.slice(0, 1).toUpperCase()}${operation.slice(1)}`;
  const entries = entriesOf(report);
  const words = { succeeded: 'complete', failed: 'failed', interrupted: 'was interrupted' }[report.status];
  const counts = formatCounts(countEntries(entries)) || 'there was nothing to do';
  const done = entries.flatMap(({ address, action, fate }) =>
    fate.type === 'done' ? [`- ${code(printable(address))}: ${action}, ${formatElapsed(fate.elapsed)}`] : [],
  );
  return compose(
    [
      ...title(operation, report.plan.workspace, `${name} of ${code(printable(report.plan.workspace))}`),
      { type: 'text', text: `**${name} ${words}: ${counts} in ${formatElapsed(report.elapsed)}.**` },
      { type: 'list', heading: '### Not done', items: ledgerFindings(report).map(findingItem), share: 0.6 },
      { type: 'folded', summary: 'Done', items: done, share: 1 },
      { type: 'text', text: `digest: ${code(report.plan.digest)}` },
    ],
    budget,
  );
}

function title(kind: string, workspace: string, words: string): readonly Part[] {
  const id = printable(workspace).replace(/[^\w.-]/g, '_');
  return [
    { type: 'text', text: `<!-- aac:${kind}:${cut(id, 100)} -->` },
    { type: 'text', text: `## ${words}` },
  ];
}

/** What is lost, before anything else. */
function callout(changes: readonly Change[]): Part {
  const deleted = changes.filter(({ action }) => action === 'delete');
  const names = deleted.map(({ address, approval }) => {
    const loses = approval === undefined ? '' : `, ${inline(formatApproval(approval))}`;
    return `- ${code(printable(address))}${loses}`;
  });
  const heading = `[!CAUTION]\n**${counted(deleted.length, 'resource')} will be deleted**`;
  return { type: 'list', heading, items: names, prefix: '> ', share: 0.15 };
}

function changeList(action: ChangeAction, changes: readonly Change[]): Part {
  const chosen = changes.filter((change) => change.action === action);
  const name =
    action === 'no-op' ? 'Unchanged, with a remark' : `${action.slice(0, 1).toUpperCase()}${action.slice(1)}`;
  const items = chosen.map((change) => {
    const sentence = changeSentence(change).slice(printable(change.address).length + 1);
    const cause = sentence.slice(intentions[action].length).replace(/^, /, '');
    const remarks = [
      cause,
      ...change.notes.map(printable),
      ...(change.approval ? [formatApproval(change.approval)] : []),
    ].filter(Boolean);
    return `- ${code(printable(change.address))}${remarks.length > 0 ? `: ${remarks.map(inline).join('; ')}` : ''}${place(change.source)}`;
  });
  return { type: 'list', heading: `**${name}** (${String(chosen.length)})`, items, share: 0.08 };
}

function driftParts(plan: Plan): readonly Part[] {
  const items = driftBlocks(plan.drift, { style: plainStyle, width: 160 }).map(({ heading, rows }) =>
    diffLines('!', `  ${heading}`, rows),
  );
  return [{ type: 'folded', summary: 'Changes outside of aac', items, language: 'diff', share: 0.1 }];
}

function problems(diagnostics: readonly Diagnostic[], severity: Diagnostic['severity'], share = 0.1): readonly Part[] {
  const chosen = diagnostics.filter((diagnostic) => diagnostic.severity === severity);
  const items = diagnosticFindings(chosen).map(findingItem);
  const heading = counted(items.length, severity);
  if (severity === 'note') return [{ type: 'folded', summary: heading, items, share }];
  return [{ type: 'list', heading: `### ${heading}`, items, share }];
}

function findingItem({ title: words, details, range }: Finding): string {
  const more = details.map((line) => `  ${inline(line)}`);
  return [`- ${inline(words)}${place(range)}`, ...more].join('\\\n');
}

function approval(plan: Plan): Part {
  return { type: 'text', text: `Approve exactly this with \`aac apply --expect ${plan.digest}\`` };
}

function place(range: SourceRange | undefined): string {
  return range ? ` (${code(printable(formatRange(range)))})` : '';
}

const marks: Readonly<Record<ChangeAction, string>> = {
  'no-op': ' ',
  create: '+',
  start: '+',
  update: '!',
  replace: '!',
  restart: '!',
  stop: '-',
  delete: '-',
};

function diffBlock({ change, heading, rows }: ChangeBlock): string {
  return diffLines(marks[change.action], heading, rows);
}

/** Lines that a `diff` block colours: by a mark in their first column. */
function diffLines(mark: string, heading: string, rows: readonly Row[]): string {
  const lines = alignRows(rows, rowPaints(plainStyle)).map((line, index) => {
    const own = rows[index]?.mark ?? ' ';
    return `${own === '~' ? '!' : own}${line}`;
  });
  return [`${mark}${heading}`, ...lines].join('\n');
}
