import type { Address } from '../model/address.ts';
import type { DriverEvent } from '../model/agent-event.ts';

/** What two looks at one object are compared by. */
export interface Seen {
  readonly address: Address;
  readonly name: string;
  readonly phase: 'created' | 'running' | 'exited';
  /** Tells one life of it from the next. */
  readonly life: string;
  readonly exitCode?: number;
  /** Why it ended, where that is known: `memory limit`. */
  readonly detail?: string;
}

/**
 * What has happened between two looks, by engine id, where nobody tells: told at the time of the second. A life that
 * began and ended between them is told as both.
 */
export function differences(
  before: ReadonlyMap<string, Seen>,
  after: ReadonlyMap<string, Seen>,
  at: number,
): readonly DriverEvent[] {
  const events: DriverEvent[] = [];
  for (const [ref, old] of before) {
    if (after.has(ref)) continue;
    if (old.phase === 'running') events.push({ ...subject(old, ref), at, type: 'ended' });
    events.push({ ...subject(old, ref), at, type: 'removed' });
  }
  for (const [ref, now] of after) {
    const old = before.get(ref);
    const base = { ...subject(now, ref), at };
    const ended: DriverEvent = {
      ...base,
      type: 'ended',
      ...(now.exitCode === undefined ? {} : { exitCode: now.exitCode }),
      ...(now.detail === undefined ? {} : { detail: now.detail }),
    };
    if (!old) events.push({ ...base, type: 'created' });
    const isAnotherLife = now.life !== (old?.life ?? '') && now.phase !== 'created';
    if (isAnotherLife) {
      if (old?.phase === 'running') events.push({ ...base, type: 'ended' });
      events.push({ ...base, type: 'started' });
      if (now.phase === 'exited') events.push(ended);
    } else if (old?.phase === 'running' && now.phase !== 'running') events.push(ended);
  }
  return events;
}

function subject({ address, name }: Seen, ref: string): { address: Address; name: string; ref: string } {
  return { address, name, ref };
}
