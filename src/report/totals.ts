import { parseAddress } from '../model/address.ts';
import { isEmptyPlan, type Change, type ChangeAction, type Plan } from '../model/plan.ts';
import { counted } from './text.ts';

/** How many resources each action is planned for. */
export function countActions(changes: readonly Change[]): Readonly<Record<ChangeAction, number>> {
  const counts = { 'no-op': 0, create: 0, update: 0, replace: 0, delete: 0, start: 0, stop: 0, restart: 0 };
  for (const change of changes) counts[change.action]++;
  return counts;
}

/** The actions in the order that totals name them. */
export const actionOrder = [
  'create',
  'start',
  'restart',
  'update',
  'replace',
  'stop',
  'delete',
] as const satisfies readonly ChangeAction[];

/** `Plan: 2 to create, 1 to replace, 3 unchanged.` or `No changes. 3 agents are as the manifests say.` */
export function formatTotals(plan: Plan): string {
  const counts = countActions(plan.changes);
  const planned = actionOrder.flatMap((action) =>
    counts[action] === 0 ? [] : [`${String(counts[action])} to ${action}`],
  );
  if (planned.length === 0) return noChanges(plan);
  const unchanged = counts['no-op'] === 0 ? [] : [`${String(counts['no-op'])} unchanged`];
  return `Plan: ${[...planned, ...unchanged].join(', ')}.`;
}

function noChanges(plan: Plan): string {
  if (!isEmptyPlan(plan)) return `No changes to resources; ${counted(plan.nodes.length, 'step')} to carry out.`;
  const agents = plan.changes.filter((change) => parseAddress(change.address)?.kind === 'agent').length;
  if (agents === 0) return 'No changes. There are no agents.';
  return `No changes. ${counted(agents, 'agent')} ${agents === 1 ? 'is' : 'are'} as the manifests say.`;
}
