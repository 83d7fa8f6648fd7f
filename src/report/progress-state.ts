import type { Address } from '../model/address.ts';
import type { ApplyEvent } from '../model/event.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Change, ChangeAction, NodeId, PlanNode } from '../model/plan.ts';
import { printable, widest } from './text.ts';
import { formatDuration } from './units.ts';

/**
 * How far an apply is, for a terminal: made from {@link initialProgress} by one {@link advanceProgress} for each event.
 *
 *   a resource:  unseen ──node-started──▶ active ──its last node finished, or one of them failed──▶ settled
 */
export interface ProgressState {
  readonly startedAt: number;
  /** Columns that the addresses of the plan take, within reason. */
  readonly column: number;
  readonly actions: ReadonlyMap<Address, ChangeAction>;
  /** Nodes that have not ended, by resource. */
  readonly remaining: ReadonlyMap<Address, number>;
  /** In the order in which they began. */
  readonly active: ReadonlyMap<Address, ActiveResource>;
  /** Resources that will not be through: a step of theirs failed or was cut off, or none began for lack of another. */
  readonly troubles: ReadonlyMap<Address, 'failed' | 'skipped'>;
  /** What the last event settled: to be printed once, above the lines of what is still active. */
  readonly settled: readonly SettledResource[];
  /** How many resources there are, how many have ended well, and how many not. */
  readonly counts: { readonly all: number; readonly done: number; readonly failed: number };
  readonly interrupted: boolean;
}

/** A resource that something is being done to. */
export interface ActiveResource {
  readonly since: number;
  readonly running: ReadonlyMap<NodeId, { readonly step: PlanNode['step']; readonly message: string }>;
  /** The last of its steps, shown while it waits for the next. */
  readonly last: PlanNode['step'];
}

/** A resource that is through. */
export interface SettledResource {
  readonly address: Address;
  readonly action: ChangeAction | undefined;
  readonly elapsed: number;
  /** The outcome that settled it. */
  readonly outcome: Outcome;
  readonly step: PlanNode['step'];
}

/** Before the first event. */
export const initialProgress: ProgressState = {
  startedAt: 0,
  column: 0,
  actions: new Map(),
  remaining: new Map(),
  active: new Map(),
  troubles: new Map(),
  settled: [],
  counts: { all: 0, done: 0, failed: 0 },
  interrupted: false,
};

/** The state after one more event. */
export function advanceProgress(before: ProgressState, event: ApplyEvent): ProgressState {
  const state = before.settled.length === 0 ? before : { ...before, settled: [] };
  switch (event.type) {
    case 'apply-started':
      return begin(event.plan.nodes, event.plan.changes, event.at);
    case 'node-started':
      return withMessage(state, event.node, '', event.at);
    case 'node-progress':
      return withMessage(state, event.node, event.message, event.at);
    case 'node-retrying':
      return withMessage(
        state,
        event.node,
        `trying again in ${formatDuration(Math.ceil(event.delay / 1000) * 1000)}: ${event.error.message}`,
        event.at,
      );
    case 'node-finished':
      return finish(state, event.node, event.outcome, event.at);
    case 'interrupted':
      return { ...state, interrupted: true };
    case 'apply-finished':
      return { ...state, active: new Map() };
  }
}

function begin(nodes: readonly PlanNode[], changes: readonly Change[], at: number): ProgressState {
  const remaining = new Map<Address, number>();
  for (const { step } of nodes) remaining.set(step.address, (remaining.get(step.address) ?? 0) + 1);
  const actions = new Map<Address, ChangeAction>();
  for (const { address, action } of changes) if (action !== 'no-op') actions.set(address, action);
  const column = Math.min(32, widest([...remaining.keys()].map(printable)));
  return {
    ...initialProgress,
    startedAt: at,
    column,
    remaining,
    actions,
    counts: { all: remaining.size, done: 0, failed: 0 },
  };
}

function withMessage(state: ProgressState, node: PlanNode, message: string, at: number): ProgressState {
  const { step } = node;
  const known = state.active.get(step.address);
  if (!known && (state.remaining.get(step.address) ?? 0) === 0) return state;
  const resource: ActiveResource = {
    since: known?.since ?? at,
    running: new Map(known?.running).set(node.id, { step, message }),
    last: step,
  };
  return { ...state, active: new Map(state.active).set(step.address, resource) };
}

function finish(state: ProgressState, node: PlanNode, outcome: Outcome, at: number): ProgressState {
  const { step } = node;
  const { address } = step;
  const left = (state.remaining.get(address) ?? 1) - 1;
  const known = state.active.get(address);
  const running = new Map(known?.running);
  running.delete(node.id);

  const cutShort = outcome.status === 'failed' || outcome.status === 'cancelled';
  const trouble = cutShort ? 'failed' : outcome.status === 'succeeded' ? undefined : 'skipped';
  const before = state.troubles.get(address);
  const troubles = trouble && before !== 'failed' ? new Map(state.troubles).set(address, trouble) : state.troubles;

  const active = new Map(state.active);
  if (running.size === 0 && (left <= 0 || troubles.has(address))) active.delete(address);
  else if (known) active.set(address, { ...known, running });

  const after = { ...state, remaining: new Map(state.remaining).set(address, left), active, troubles };
  const settles = cutShort ? before !== 'failed' : left <= 0 && !troubles.has(address);
  if (!settles) return after;
  const { counts } = state;
  const elapsed = at - (known?.since ?? at);
  return {
    ...after,
    counts: cutShort ? { ...counts, failed: counts.failed + 1 } : { ...counts, done: counts.done + 1 },
    settled: [{ address, action: state.actions.get(address), elapsed, outcome, step }],
  };
}
