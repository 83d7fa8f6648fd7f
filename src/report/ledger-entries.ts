import type { Address } from '../model/address.ts';
import type { DriverName } from '../model/agent.ts';
import { isWithin } from '../model/field-path.ts';
import type { ApplyReport, DriverError, NodeReport, Outcome } from '../model/outcome.ts';
import type { Change, ChangeAction, NodeId, PlanNode } from '../model/plan.ts';
import type { SourceRange } from '../model/source.ts';
import { equalJson } from '../util/json.ts';
import { toDocument } from './document.ts';

/** What became of one resource: its share of the plan, and how it ended. */
export interface Entry {
  readonly address: Address;
  readonly driver: DriverName;
  readonly action: Exclude<ChangeAction, 'no-op'>;
  readonly change?: Change;
  readonly fate: Fate;
}

/** The worst that befell any node of a resource. */
export type Fate =
  | { readonly type: 'done'; readonly elapsed: number }
  | {
      readonly type: 'failed';
      readonly node: PlanNode;
      readonly outcome: Extract<Outcome, { readonly status: 'failed' }>;
      /** The manifest line of the field at fault, else of the change. */
      readonly source?: SourceRange;
      /** Whether nothing of the object that stood before was stopped or removed. */
      readonly untouched: boolean;
    }
  | { readonly type: 'cancelled'; readonly node: PlanNode; readonly elapsed: number }
  | { readonly type: 'skipped'; readonly blockedBy: NodeId }
  | { readonly type: 'not-started' };

/** What a report says of each resource that something was to be done to, in the order of the plan's changes. */
export function entriesOf(report: ApplyReport): readonly Entry[] {
  const changes = new Map<Address, Change[]>();
  for (const change of report.plan.changes) append(changes, change.address, change);
  const shares = new Map<Change | Address, NodeReport[]>(report.plan.changes.map((change) => [change, []]));
  for (const each of report.nodes) {
    const { address } = each.node.step;
    append(shares, changeOf(each.node, changes.get(address) ?? []) ?? address, each);
  }
  return [...shares].flatMap(([key, nodes]) => entryOf(typeof key === 'string' ? undefined : key, nodes));
}

function append<Key, Item>(lists: Map<Key, Item[]>, key: Key, item: Item): void {
  const known = lists.get(key);
  if (known) known.push(item);
  else lists.set(key, [item]);
}

/** An address can have several changes, such as a leftover that is deleted: the node's driver and cause tell which. */
function changeOf(node: PlanNode, changes: readonly Change[]): Change | undefined {
  if (changes.length < 2) return changes[0];
  const sameDriver = changes.filter(({ driver }) => driver === node.step.driver);
  const sameCause = sameDriver.find(({ cause }) => equalJson(toDocument(cause), toDocument(node.cause)));
  return sameCause ?? sameDriver[0] ?? changes[0];
}

function entryOf(change: Change | undefined, nodes: readonly NodeReport[]): readonly Entry[] {
  const first = nodes[0]?.node.step;
  if (first === undefined) return [];
  const fate = fateOf(nodes, change);
  const planned = change === undefined || change.action === 'no-op' ? undefined : change.action;
  const action = planned ?? actionOf(nodes);
  if (action === undefined && fate.type === 'done') return []; // only waited for
  const { address, driver } = first;
  return [{ address, driver, action: action ?? 'start', ...(change ? { change } : {}), fate }];
}

/** How many resources ended in which way; `done` by what was done. */
export interface LedgerCounts {
  readonly done: Readonly<Record<Exclude<ChangeAction, 'no-op'>, number>>;
  readonly failed: number;
  readonly skipped: number;
  readonly notStarted: number;
  readonly cancelled: number;
}

/** Counts the entries of a ledger. */
export function countEntries(entries: readonly Entry[]): LedgerCounts {
  const done = { create: 0, start: 0, restart: 0, update: 0, replace: 0, stop: 0, delete: 0 };
  for (const { action, fate } of entries) if (fate.type === 'done') done[action]++;
  const count = (type: Fate['type']): number => entries.filter(({ fate }) => fate.type === type).length;
  return {
    done,
    failed: count('failed'),
    skipped: count('skipped'),
    notStarted: count('not-started'),
    cancelled: count('cancelled'),
  };
}

function fateOf(nodes: readonly NodeReport[], change: Change | undefined): Fate {
  let fate: Fate = { type: 'done', elapsed: 0 };
  for (const { node, outcome } of nodes) {
    const next = fateOfNode(node, outcome, nodes, change);
    fate =
      fate.type === 'done' && next.type === 'done'
        ? { type: 'done', elapsed: fate.elapsed + next.elapsed }
        : worse(fate, next);
  }
  return fate;
}

function fateOfNode(node: PlanNode, outcome: Outcome, nodes: readonly NodeReport[], change: Change | undefined): Fate {
  switch (outcome.status) {
    case 'succeeded':
      return { type: 'done', elapsed: outcome.elapsed };
    case 'failed': {
      const source = sourceOf(outcome.error, change);
      const untouched = change?.action === 'replace' && !nodes.some(touchesOld);
      return { type: 'failed', node, outcome, ...(source ? { source } : {}), untouched };
    }
    case 'cancelled':
      return { type: 'cancelled', node, elapsed: outcome.elapsed };
    case 'skipped':
      return { type: 'skipped', blockedBy: outcome.blockedBy };
    case 'not-started':
      return { type: 'not-started' };
  }
}

const severity: readonly Fate['type'][] = ['done', 'not-started', 'skipped', 'cancelled', 'failed'];

function worse(left: Fate, right: Fate): Fate {
  return severity.indexOf(right.type) > severity.indexOf(left.type) ? right : left;
}

function touchesOld({ node, outcome }: NodeReport): boolean {
  const begun = outcome.status === 'succeeded' || outcome.status === 'failed' || outcome.status === 'cancelled';
  return begun && (node.step.verb === 'unroute' || node.step.verb === 'stop' || node.step.verb === 'remove');
}

function sourceOf(error: DriverError, change: Change | undefined): SourceRange | undefined {
  const { field } = error;
  if (error.source) return error.source;
  const fault =
    field && change?.fields.find(({ path, source }) => source && (isWithin(path, field) || isWithin(field, path)));
  return fault?.source ?? change?.source;
}

/** What nodes without a change of their own amount to; `undefined` for those that change nothing. */
function actionOf(nodes: readonly NodeReport[]): Entry['action'] | undefined {
  const verbs = new Set(nodes.map(({ node }) => node.step.verb));
  if (verbs.has('create')) return verbs.has('remove') ? 'replace' : 'create';
  if (verbs.has('remove')) return 'delete';
  if (verbs.has('update') || verbs.has('route')) return 'update';
  return verbs.has('start') ? 'start' : undefined;
}
