import XmlBuilder from 'fast-xml-builder';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ApplyReport } from '../model/outcome.ts';
import type { Drift, Plan } from '../model/plan.ts';
import { formatRange, type SourceRange } from '../model/source.ts';
import type { Happened } from './drift.ts';
import {
  changeSentence,
  diagnosticFindings,
  driftFindings,
  ledgerFindings,
  planFindings,
  type Finding,
} from './findings.ts';
import { entriesOf } from './ledger-entries.ts';
import { printable } from './text.ts';

/** One test of a JUnit report: a resource, or something that is wrong with the manifests. */
interface Test {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly message?: string;
  readonly details?: readonly string[];
  /** Milliseconds. */
  readonly elapsed?: number;
}

/**
 * A plan as a JUnit report: a resource that stays as it is has passed, one that waits for its change is skipped, and
 * errors fail.
 */
export function planJunit(plan: Plan): string {
  const findings = planFindings(plan);
  const tests = plan.changes.map((change): Test => {
    const name = printable(change.address);
    if (change.action === 'no-op') return { name, outcome: 'passed' };
    const finding = findings.find(({ rule, title }) => rule.startsWith('plan/') && title === changeSentence(change));
    return { name, outcome: 'skipped', ...(finding ? told(finding) : { message: changeSentence(change) }) };
  });
  return junit('aac plan', plan.workspace, [...tests, ...problemTests(plan.diagnostics)]);
}

/** The drift of a plan: a resource that moved outside of aac has failed. */
export function driftJunit(plan: Plan, happened?: Happened): string {
  const findings = driftFindings(plan, happened);
  const moved = new Map<string, Drift>(plan.drift.map((drift) => [drift.address, drift]));
  const addresses = [
    ...new Set([...plan.changes.map(({ address }) => address), ...plan.drift.map(({ address }) => address)]),
  ];
  const tests = addresses.map((address): Test => {
    const name = printable(address);
    if (!moved.has(address)) return { name, outcome: 'passed' };
    const finding = findings.find((each) => each.rule.startsWith('drift/') && each.address === name);
    return { name, outcome: 'failed', ...(finding ? told(finding) : {}) };
  });
  return junit('aac drift', plan.workspace, [...tests, ...problemTests(plan.diagnostics)]);
}

/** Diagnostics: each error is a test that failed; `agents` are those that were read. */
export function diagnosticsJunit(
  diagnostics: readonly Diagnostic[],
  workspace: string,
  agents: readonly string[],
): string {
  const tests = agents.map((name): Test => ({ name: `agent/${printable(name)}`, outcome: 'passed' }));
  return junit('aac validate', workspace, [...tests, ...problemTests(diagnostics)]);
}

/** The end of an apply: what failed has failed, what was not begun is skipped. */
export function ledgerJunit(report: ApplyReport): string {
  const findings = ledgerFindings(report);
  const tests = entriesOf(report).map(({ address, fate }): Test => {
    const name = printable(address);
    if (fate.type === 'done') return { name, outcome: 'passed', elapsed: fate.elapsed };
    const finding = findings.find((each) => each.address === name);
    const outcome = fate.type === 'failed' || fate.type === 'cancelled' ? 'failed' : 'skipped';
    const elapsed = fate.type === 'failed' ? fate.outcome.elapsed : 0;
    return { name, outcome, elapsed, ...(finding ? told(finding) : {}) };
  });
  return junit('aac apply', report.plan.workspace, tests, report.elapsed);
}

function problemTests(diagnostics: readonly Diagnostic[]): readonly Test[] {
  return diagnosticFindings(diagnostics).map((finding): Test => {
    const outcome = finding.level === 'error' ? 'failed' : 'skipped';
    return { name: `${finding.rule}${at(finding.range)}`, outcome, ...told(finding) };
  });
}

function told({ title, details, range }: Finding): { readonly message: string; readonly details: readonly string[] } {
  return { message: title, details: [...details, ...(range ? [printable(formatRange(range))] : [])] };
}

function at(range: SourceRange | undefined): string {
  return range ? ` at ${printable(formatRange(range))}` : '';
}

function junit(name: string, workspace: string, tests: readonly Test[], elapsed = 0): string {
  const counts = {
    '@tests': String(tests.length),
    '@failures': String(tests.filter(({ outcome }) => outcome === 'failed').length),
    '@errors': '0',
  };
  const document = {
    testsuites: {
      '@name': name,
      ...counts,
      '@time': seconds(elapsed),
      testsuite: {
        '@name': printable(workspace),
        ...counts,
        '@skipped': String(tests.filter(({ outcome }) => outcome === 'skipped').length),
        '@time': seconds(elapsed),
        testcase: tests.map((test) => testcase(test, printable(workspace))),
      },
    },
  };
  const builder = new XmlBuilder({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    format: true,
    suppressEmptyNode: true,
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n${String(builder.build(document))}`;
}

function testcase({ name, outcome, message = '', details = [], elapsed = 0 }: Test, workspace: string): object {
  const body = { '@message': message, ...(details.length > 0 ? { '#text': [message, ...details].join('\n') } : {}) };
  return {
    '@classname': workspace,
    '@name': name,
    '@time': seconds(elapsed),
    ...(outcome === 'failed' ? { failure: { '@type': 'failure', ...body } } : {}),
    ...(outcome === 'skipped' ? { skipped: body } : {}),
  };
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}
