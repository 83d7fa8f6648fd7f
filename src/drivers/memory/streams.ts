import type { Address } from '../../model/address.ts';
import type { DriverEvent } from '../../model/agent-event.ts';
import { isRunning } from '../../model/version.ts';
import { differences, type Seen } from '../event-differences.ts';
import type { LogLine, LogOptions } from '../driver.ts';
import type { MemoryObject, MemoryWorld } from './memory-world.ts';
import { isOwn } from './observe.ts';

/** The object with this engine id or, an agent's, with this name. */
export function findByHandle(world: MemoryWorld, handle: string): MemoryObject | undefined {
  return world.byRef(handle) ?? world.find('agent', handle);
}

/** Lines of an object's log; with `follow`, until it ends, is gone or nobody wants more. */
export async function* logLines(
  world: MemoryWorld,
  handle: string,
  options: LogOptions,
): AsyncGenerator<readonly LogLine[]> {
  const { follow, tail, signal } = options;
  const first = findByHandle(world, handle);
  if (!first) return;
  const wanted = (line: LogLine): boolean => isWithin(line, options);
  let next = first.log.length;
  let lines = first.log.filter(wanted).slice(tail === undefined ? 0 : tail === 0 ? Infinity : -tail);
  for (;;) {
    const changed = worldChange(world, signal);
    if (lines.length > 0) yield lines;
    const object = findByHandle(world, first.ref);
    lines = object?.log.slice(next).filter(wanted) ?? [];
    next = object?.log.length ?? next;
    if (lines.length > 0) continue;
    if (!follow || !object || !isRunning(object) || signal.aborted) return;
    await changed;
  }
}

function isWithin({ time }: LogLine, { since = -Infinity, until = Infinity }: LogOptions): boolean {
  const at = time === undefined ? undefined : Date.parse(time);
  return at === undefined || (at >= since && at <= until);
}

/** A hint at every change of the world, with the addresses that the workspace has then. */
export async function* changesOf(
  world: MemoryWorld,
  workspace: string,
  signal: AbortSignal,
): AsyncIterable<{ readonly address?: Address }> {
  let seen = snapshot(world, workspace);
  while (!signal.aborted) {
    const changed = worldChange(world, signal);
    const now = snapshot(world, workspace);
    for (const address of new Set([...seen.keys(), ...now.keys()])) {
      if (seen.get(address) !== now.get(address)) yield { address };
    }
    seen = now;
    await changed;
  }
}

/** What happens to the workspace's agents from now on. */
export async function* eventsOf(
  world: MemoryWorld,
  workspace: string,
  signal: AbortSignal,
): AsyncIterable<DriverEvent> {
  let before = seenIn(world, workspace);
  while (!signal.aborted) {
    const changed = worldChange(world, signal);
    const after = seenIn(world, workspace);
    yield* differences(before, after, Date.now());
    before = after;
    await changed;
  }
}

function seenIn(world: MemoryWorld, workspace: string): ReadonlyMap<string, Seen> {
  const own = world.objects.filter((object) => isOwn(object, workspace));
  return new Map(
    own
      .filter(({ kind }) => kind === 'agent')
      .map((object): readonly [string, Seen] => {
        const { name, ref, startedAt, exitCode } = object;
        const phase = isRunning(object) ? 'running' : startedAt === undefined ? 'created' : 'exited';
        const ended = phase === 'exited' && exitCode !== undefined ? { exitCode } : {};
        return [ref, { address: object.record.address, name, phase, life: startedAt ?? '', ...ended }];
      }),
  );
}

/** Address → the objects there; equal texts are equal states. */
function snapshot(world: MemoryWorld, workspace: string): ReadonlyMap<Address, string> {
  const own = world.objects.filter((object) => isOwn(object, workspace));
  const states = new Map<Address, string>();
  for (const object of own) {
    const { address } = object.record;
    states.set(
      address,
      `${states.get(address) ?? ''}${object.ref} ${object.phase} ${String(object.unrouted)} ${JSON.stringify(object.live)};`,
    );
  }
  return states;
}

/** Resolves at the next change of the world, or when the signal is aborted. */
function worldChange(world: MemoryWorld, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      unsubscribe();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const unsubscribe = world.subscribe(done);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}
