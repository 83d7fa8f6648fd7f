import type { Call } from '../model/plan.ts';

/** Milliseconds a call of each verb may take, before it counts as one that will never answer. */
export type Deadlines = Partial<Readonly<Record<Call['verb'], number>>>;

const second = 1_000;

/**
 * Much longer than the slowest healthy engine needs, much shorter than a person waits before reaching for Ctrl-C: an
 * engine can hang in one call for good while it goes on answering others.
 */
const defaults = {
  pull: 15 * 60 * second, // gigabytes over a slow line
  create: 60 * second, // unpacking layers on a loaded disk
  start: 60 * second, // networks, mounts and port forwarding are set up here
  update: 30 * second, // writes a few cgroup files
  route: 30 * second, // moves one end of a virtual cable
  unroute: 30 * second,
  remove: 60 * second, // deletes the file system of the container
} as const;

/** What an engine may take beyond the grace period that it gives the agent. */
const afterGrace = 30 * second;

/** Milliseconds one look at one object may take. */
export const inspectDeadline = 15 * second;

/** Milliseconds that reading the end of a log for an error message may take. */
export const logsDeadline = 5 * second;

/** The deadline of `call`, in milliseconds. A stop always gets its grace period. */
export function deadlineOf(call: Call, chosen: Deadlines): number {
  if (call.verb === 'stop') return call.gracePeriod + (chosen.stop ?? afterGrace);
  return chosen[call.verb] ?? defaults[call.verb];
}
