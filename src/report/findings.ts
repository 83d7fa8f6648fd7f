import { diagnosticCodes } from '../model/codes.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { formatFieldPath } from '../model/field-path.ts';
import type { ApplyReport } from '../model/outcome.ts';
import type { Change, ChangeAction, Drift, Plan } from '../model/plan.ts';
import type { SourceRange } from '../model/source.ts';
import { achievements, formatCause, intentions } from './cause.ts';
import { diagnosticMessage, sortDiagnostics } from './diagnostics.ts';
import { driftWords, happenedTo, type Happened } from './drift.ts';
import { entriesOf, type Entry } from './ledger-entries.ts';
import { changeRows, creationsOf, driftRows, type Creations } from './plan-rows.ts';
import { isWorthALine } from './plan-text.ts';
import type { Row } from './rows.ts';
import { printable, printableLines } from './text.ts';
import { notDone } from './verbs.ts';

/**
 * One thing that a review tool shows beside a line of a manifest: what annotations and SARIF are made of. All texts are
 * printable.
 */
export interface Finding {
  /** `plan/delete`, `drift/missing`, `apply/failed`, or the code of a diagnostic: `unknown-field`. */
  readonly rule: string;
  /** What the rule means, whatever it found. */
  readonly meaning: string;
  readonly level: Diagnostic['severity'];
  /** One line that says it all. */
  readonly title: string;
  /** What else there is to know, line by line. */
  readonly details: readonly string[];
  /** The resource it is about. */
  readonly address?: string;
  readonly range?: SourceRange;
}

/** The actions in the order in which a reviewer has to hear of them: what is lost first. */
export const dangerOrder = [
  'delete',
  'stop',
  'replace',
  'restart',
  'update',
  'start',
  'create',
  'no-op',
] as const satisfies readonly ChangeAction[];

/** What a reviewer has to know of a plan: errors, then changes, deletions first, then warnings, drift and notes. */
export function planFindings(plan: Plan): readonly Finding[] {
  const creations = creationsOf(plan);
  const changes = inOrderOfDanger(plan.changes.filter(isWorthALine)).map((change) => changeFinding(change, creations));
  return [
    ...diagnosticFindings(plan.diagnostics.filter(({ severity }) => severity === 'error')),
    ...changes.filter(({ level }) => level === 'warning'),
    ...diagnosticFindings(plan.diagnostics.filter(({ severity }) => severity === 'warning')),
    ...changes.filter(({ level }) => level === 'note'),
    ...plan.drift.map((each) => driftFinding(each, plan, 'note')),
    ...diagnosticFindings(plan.diagnostics.filter(({ severity }) => severity === 'note')),
  ];
}

/** What the world did, each a warning at the line that says otherwise, and the errors that were in the way. */
export function driftFindings(plan: Plan, happened: Happened = new Map()): readonly Finding[] {
  return [
    ...diagnosticFindings(plan.diagnostics.filter(({ severity }) => severity === 'error')),
    ...plan.drift.map((each) => driftFinding(each, plan, 'warning', happened)),
  ];
}

/** Diagnostics, the worst first, else by file and line. */
export function diagnosticFindings(diagnostics: readonly Diagnostic[]): readonly Finding[] {
  const levels: readonly Finding['level'][] = ['error', 'warning', 'note'];
  const sorted = sortDiagnostics(diagnostics);
  return levels
    .flatMap((level) => sorted.filter(({ severity }) => severity === level))
    .map((diagnostic) => ({
      rule: diagnostic.code,
      meaning: diagnosticCodes[diagnostic.code] ?? diagnostic.code,
      level: diagnostic.severity,
      title: diagnosticMessage(diagnostic),
      details: diagnostic.hint === undefined ? [] : [`hint: ${printable(diagnostic.hint)}`],
      ...(diagnostic.address === undefined ? {} : { address: printable(diagnostic.address) }),
      ...(diagnostic.range ? { range: diagnostic.range } : {}),
    }));
}

/** What an apply did not do: failures and what was cut off as errors, what was therefore not begun as warnings. */
export function ledgerFindings(report: ApplyReport): readonly Finding[] {
  const findings = entriesOf(report).flatMap(entryFinding);
  return [...findings.filter(({ level }) => level === 'error'), ...findings.filter(({ level }) => level !== 'error')];
}

/** Changes with what is lost first; those of one action keep their order. */
export function inOrderOfDanger(changes: readonly Change[]): readonly Change[] {
  return dangerOrder.flatMap((action) => changes.filter((change) => change.action === action));
}

/** `agent/web/0 will be replaced, because the manifest changed`. */
export function changeSentence(change: Change): string {
  return `${printable(change.address)} ${intentions[change.action]}${formatCause(change.cause)}`;
}

function changeFinding(change: Change, creations: Creations): Finding {
  const isGrave = change.action === 'delete' || change.action === 'replace' || change.approval !== undefined;
  const range = change.source ?? change.fields.find(({ source }) => source)?.source;
  return {
    rule: `plan/${change.action}`,
    meaning: `a resource that ${intentions[change.action]}`,
    level: isGrave ? 'warning' : 'note',
    title: changeSentence(change),
    details: detailsOf(changeRows(change, creations, valueWidth)),
    address: printable(change.address),
    ...(range ? { range } : {}),
  };
}

function driftFinding(drift: Drift, plan: Plan, level: Finding['level'], happened: Happened = new Map()): Finding {
  const change = plan.changes.find(({ address }) => address === drift.address);
  const range = [...drift.fields, ...(change?.fields ?? [])].find(({ source }) => source)?.source ?? change?.source;
  return {
    rule: `drift/${drift.type}`,
    meaning: `a resource that ${driftSentence(drift)}`,
    level,
    title: `${printable(drift.address)} ${driftSentence(drift)}`,
    details: [...happenedTo(drift.address, happened), ...detailsOf(driftRows(drift.fields, valueWidth))],
    address: printable(drift.address),
    ...(range ? { range } : {}),
  };
}

function driftSentence({ type }: Drift): string {
  return `${driftWords[type]}${type === 'missing' || type === 'fields' ? ' outside of aac' : ''}`;
}

function entryFinding(entry: Entry): readonly Finding[] {
  const { address, fate, change } = entry;
  const name = printable(address);
  const range = fate.type === 'failed' ? fate.source : change?.source;
  const common = { address: name, ...(range ? { range } : {}) };
  switch (fate.type) {
    case 'done':
      return [];
    case 'failed': {
      const { error } = fate.outcome;
      const [message = '', ...more] = printableLines(error.message);
      const details = [
        ...more,
        ...(error.field === undefined ? [] : [`field: ${printable(formatFieldPath(error.field))}`]),
        ...(error.details ?? []).flatMap(printableLines),
        ...(error.hint === undefined ? [] : [`hint: ${printable(error.hint)}`]),
      ];
      const title = `${name} ${notDone(fate.node.step)}: ${message}`;
      return [{ rule: 'apply/failed', meaning: 'a step that failed', level: 'error', title, details, ...common }];
    }
    case 'cancelled': {
      const title = `${name}: ${fate.node.step.verb} was cut off, and what became of it is not known`;
      return [
        { rule: 'apply/cancelled', meaning: 'a step that was cut off', level: 'error', title, details: [], ...common },
      ];
    }
    case 'skipped': {
      const title = `${name} was not ${achievements[entry.action]}, because \`${printable(fate.blockedBy)}\` failed`;
      return [
        {
          rule: 'apply/skipped',
          meaning: 'a step that waits for one that failed',
          level: 'warning',
          title,
          details: [],
          ...common,
        },
      ];
    }
    case 'not-started': {
      const title = `${name} was not begun`;
      return [
        {
          rule: 'apply/not-started',
          meaning: 'a step that was not begun',
          level: 'warning',
          title,
          details: [],
          ...common,
        },
      ];
    }
  }
}

const valueWidth = 160;
const shownDetails = 12;

function detailsOf(rows: readonly Row[]): readonly string[] {
  const lines = rows.map(({ mark, name, value, remark }) =>
    [mark, name.trim(), value, remark === undefined ? '' : `# ${remark.replaceAll(/ {2,}/g, ', ')}`]
      .filter((part) => part.trim() !== '')
      .join(' '),
  );
  const rest = lines.length - shownDetails;
  return rest > 0 ? [...lines.slice(0, shownDetails), `and ${String(rest)} more lines`] : lines;
}
