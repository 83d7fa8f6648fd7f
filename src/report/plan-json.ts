import type { Diagnostic } from '../model/diagnostic.ts';
import { planFormatVersion, type NodeId, type Plan, type PlanNode } from '../model/plan.ts';
import { isJsonObject, type Json, type JsonObject } from '../util/json.ts';
import { err, ok, type Result } from '../util/result.ts';
import { toDocument } from './document.ts';
import { planShape } from './plan-shape.ts';
import type { Report } from './shape.ts';
import { printable } from './text.ts';

/** A plan as it is saved and as programs read it: the plan itself, source ranges included, in a fixed order of keys. */
export function planToJson(plan: Plan): JsonObject {
  return toDocument(plan);
}

/**
 * A saved plan read back. Everything in it is checked against the types that apply relies on, and no node may depend
 * on a missing one or on itself. A newer minor version is read as far as it is known, another major refused. The
 * digest is taken as it stands: whoever carries the plan out compares it with one computed from the nodes.
 */
export function planFromJson(json: Json): Result<Plan, readonly Diagnostic[]> {
  if (!isJsonObject(json)) return err([refusal('it is not a JSON object')]);
  const version = checkVersion(json.formatVersion);
  if (version) return err([version]);
  const report: Report = { path: '', problems: [] };
  const plan = planShape(json, report);
  if (plan) report.problems.push(...checkGraph(plan.nodes));
  if (!plan || report.problems.length > 0) return err(refusals(report.problems));
  return ok({ formatVersion: planFormatVersion, ...plan });
}

const shownProblems = 10;
const again = 'make the plan again with `aac plan --out FILE`';

function checkVersion(version: Json | undefined): Diagnostic | undefined {
  const match = typeof version === 'string' ? /^(\d+)\.(\d+)$/.exec(version) : null;
  if (!match) return refusal('`formatVersion` is missing: it is no plan that aac saved');
  const [ours] = planFormatVersion.split('.');
  if (match[1] === ours) return undefined;
  return refusal(
    `it has format ${match[0]}, and this aac reads ${String(ours)}.x`,
    'make the plan again with this aac, or apply it with the one that made it',
  );
}

/** What is wrong with the edges: unknown ends, ids used twice, circles. */
function checkGraph(nodes: readonly PlanNode[]): readonly string[] {
  const ids = new Set<NodeId>();
  const problems: string[] = [];
  for (const { id } of nodes) {
    if (ids.has(id)) problems.push(`two nodes have the id \`${printable(id)}\``);
    ids.add(id);
  }
  for (const node of nodes) {
    for (const dependency of node.dependsOn) {
      if (!ids.has(dependency)) {
        problems.push(`\`${printable(node.id)}\` depends on \`${printable(dependency)}\`, which is not there`);
      }
    }
  }
  return problems.length > 0 ? problems : checkOrder(nodes);
}

function checkOrder(nodes: readonly PlanNode[]): readonly string[] {
  const waiting = new Map(nodes.map((node) => [node.id, new Set(node.dependsOn).size]));
  const dependents = new Map<NodeId, NodeId[]>();
  for (const node of nodes) {
    for (const dependency of new Set(node.dependsOn)) {
      const known = dependents.get(dependency);
      if (known) known.push(node.id);
      else dependents.set(dependency, [node.id]);
    }
  }
  const ready = nodes.filter((node) => node.dependsOn.length === 0).map((node) => node.id);
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    waiting.delete(id);
    for (const dependent of dependents.get(id) ?? []) {
      const left = (waiting.get(dependent) ?? 0) - 1;
      waiting.set(dependent, left);
      if (left === 0) ready.push(dependent);
    }
  }
  const [stuck] = waiting.keys();
  return stuck === undefined ? [] : [`\`${printable(stuck)}\` waits for itself, through what it depends on`];
}

function refusals(problems: readonly string[]): readonly Diagnostic[] {
  const shown = problems.slice(0, shownProblems).map((problem) => refusal(problem));
  const rest = problems.length - shown.length;
  return rest === 0 ? shown : [...shown, refusal(`${String(rest)} more of its parts cannot be read`)];
}

function refusal(reason: string, hint: string = again): Diagnostic {
  return { code: 'invalid-plan-file', severity: 'error', message: `the saved plan cannot be used: ${reason}`, hint };
}
