import { formatFieldPath } from '../../src/model/field-path.ts';
import type { Cause, FieldDiff, Plan, PlanNode } from '../../src/model/plan.ts';
import { formatRange, type SourceRange } from '../../src/model/source.ts';
import { canonicalJson, type Json } from '../../src/util/json.ts';

/** A plan as text that holds all of it but the digest: what golden files compare. */
export function planText(plan: Plan): string {
  const sections: readonly (readonly [string, readonly string[]])[] = [
    [
      'changes',
      plan.changes.flatMap((change) => [
        `${change.action} ${change.address} (${change.driver}): ${causeText(change.cause)}${sourceText(change.source)}`,
        ...change.fields.map((field) => `  ${fieldText(field)}`),
        ...(change.approval ? [`  approval: ${change.approval.type}`] : []),
        ...change.notes.map((note) => `  note: ${note}`),
      ]),
    ],
    [
      'drift',
      plan.drift.flatMap((drift) => [
        `${drift.address} (${drift.driver}): ${drift.type}`,
        ...drift.fields.map((field) => `  ${fieldText(field)}`),
      ]),
    ],
    [
      'nodes',
      plan.nodes.flatMap((node) => [
        `${node.id}${detailText(node)}`,
        ...node.dependsOn.map((dependency) => `  after ${dependency}`),
      ]),
    ],
    [
      'diagnostics',
      plan.diagnostics.flatMap((diagnostic) => [
        `${diagnostic.severity} ${diagnostic.code}: ${diagnostic.message}${sourceText(diagnostic.range)}`,
        ...(diagnostic.hint === undefined ? [] : [`  hint: ${diagnostic.hint}`]),
        ...(diagnostic.related ?? []).map(({ message, range }) => `  related: ${message}${sourceText(range)}`),
      ]),
    ],
  ];
  return sections.map(([title, lines]) => `== ${title}\n${lines.map((line) => `${line}\n`).join('')}`).join('\n');
}

function causeText({ type, ...rest }: Cause): string {
  return Object.keys(rest).length === 0 ? type : `${type} ${canonicalJson(rest)}`;
}

function sourceText(source: SourceRange | undefined): string {
  return source ? `  [${formatRange(source)}]` : '';
}

function fieldText({ path, origin, before, after, forcesReplacement, source }: FieldDiff): string {
  const forces = forcesReplacement ? ', forces replacement' : '';
  return `${formatFieldPath(path)}: ${valueText(before)} -> ${valueText(after)} (${origin}${forces})${sourceText(source)}`;
}

function valueText(value: Json | undefined): string {
  return value === undefined ? 'unset' : canonicalJson(value);
}

function detailText({ step, precondition }: PlanNode): string {
  const guarded = precondition === undefined ? '' : ', checked first';
  const generation = `generation ${String(step.target.generation)}`;
  switch (step.verb) {
    case 'update':
      return ` {${generation}${guarded}} ${canonicalJson(step.fields)}`;
    case 'stop':
      return ` {${generation}, grace ${String(step.gracePeriod)}${guarded}}`;
    case 'wait': {
      const check = step.check ? `, ${step.check.type} check` : '';
      return ` {${generation}${check}, steady ${String(step.minReady)}, within ${String(step.deadline)}}`;
    }
    default:
      return ` {${generation}${guarded}}`;
  }
}
