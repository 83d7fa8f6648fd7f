import type { Address } from '../model/address.ts';
import type { DriverEvent } from '../model/agent-event.ts';
import type { Drift } from '../model/plan.ts';
import { deadlineSignal } from '../util/deadline.ts';
import { groupBy } from '../util/group.ts';
import type { Workspace } from './workspace.ts';

/** Milliseconds for an engine to recall; drift is told without it then. */
const recallDeadline = 5_000;
/** So many of the latest events say what happened to one resource. */
const shownAtMost = 3;

/**
 * What happened to drifted resources since aac last worked on the workspace, as far as their engines still know, oldest
 * first. Health checks say nothing of who moved, so they are left out. Reads alone; empty where nobody remembers.
 */
export async function driftEvents(
  { drivers, history, reading }: Workspace,
  drift: readonly Drift[],
  now: number,
  interruption: AbortSignal,
): Promise<ReadonlyMap<Address, readonly DriverEvent[]>> {
  const last = history.revisions.at(-1);
  const since = Date.parse(last?.finishedAt ?? last?.at ?? '');
  if (Number.isNaN(since)) return new Map();
  const moved = new Set(drift.map(({ address }) => address));
  const found: DriverEvent[] = [];
  for (const name of new Set(drift.map(({ driver }) => driver))) {
    const driver = await drivers.open(name);
    const signal = AbortSignal.any([interruption, deadlineSignal(recallDeadline)]);
    const events = await driver?.remembered?.(reading.project.workspace, { since, until: now }, signal);
    if (events?.ok) found.push(...events.value);
  }
  const ofThem = found.filter(({ address, type }) => moved.has(address) && type !== 'health');
  return new Map([...groupBy(ofThem, ({ address }) => address)].map(([key, all]) => [key, all.slice(-shownAtMost)]));
}
