import { constants } from 'node:os';
import type { DriverError } from '../../model/outcome.ts';
import { err, ok, type Result } from '../../util/result.ts';
import type { Attachment, AttachOrder } from '../driver.ts';
import { failure } from './failure.ts';
import { findInstance } from './find-instance.ts';
import { findRunning } from './find-running.ts';
import type { Host } from './host.ts';
import { signalVerified } from './identity.ts';
import { parseCookie } from './instance.ts';
import { logPaths, type LogPaths } from './log-state.ts';
import { openLogView } from './log-view.ts';
import { stopTree } from './stop-tree.ts';

/** Milliseconds between two looks at what was written. */
const lookAgainAfter = 50;
const chunkSize = 65_536;

/**
 * Connects with an instance that is about to be started: it will read the given input, and what it writes into its log
 * from now on is handed on byte by byte, each stream in its order.
 */
export async function attachTo(host: Host, ref: string, order: AttachOrder): Promise<Result<Attachment, DriverError>> {
  const cookie = parseCookie(ref);
  if (!cookie) return err(failure('not-found', `there is no \`${ref}\``));
  if (order.input) host.inputs.set(ref, order.input);
  const { stdout, stderr } = host.store(cookie.workspace).files(cookie.name);
  const streams = [
    { name: 'stdout' as const, paths: logPaths(stdout), position: 0 },
    { name: 'stderr' as const, paths: logPaths(stderr), position: 0 },
  ];
  for (const stream of streams) stream.position = await endOf(stream.paths);

  const follow = async (): Promise<void> => {
    for (;;) {
      const over = order.signal.aborted || (await hasEnded()); // asked before reading: what it wrote last is then there
      for (const stream of streams) {
        stream.position = await pass(stream.paths, stream.position, async (chunk) => {
          order.output(stream.name, chunk);
          await order.ready?.();
        });
      }
      if (over) return;
      await host.clock.sleep(lookAgainAfter, order.signal).catch(() => undefined);
    }
  };
  const hasEnded = async (): Promise<boolean> => {
    const found = await findInstance(host, cookie.workspace, cookie.name, ref);
    return !found.ok || found.value === undefined || found.value.state.phase === 'exited';
  };
  const ended = follow()
    .then(() => ok(undefined))
    .finally(() => host.inputs.delete(ref));
  return ok({ ended });
}

/** Sends a signal to the group of the instance; SIGKILL to all that it has started. */
export async function killInstance(
  host: Host,
  ref: string,
  name: string,
  abort: AbortSignal,
): Promise<Result<undefined, DriverError>> {
  const running = await findRunning(host, ref);
  if (!running.ok) return running;
  const { tree } = running.value;
  const signal = Object.keys(constants.signals).find((known): known is NodeJS.Signals => known === name);
  if (!signal) return err(failure('invalid', `this system has no signal \`${name}\``));
  if (signal === 'SIGKILL') {
    await stopTree(host.system, host.clock, { ...tree, signal, gracePeriod: 0, abort });
    return ok(undefined);
  }
  const sent = tree.latch && (await signalVerified(host.system, tree.latch, signal, 'group'));
  return sent ? ok(undefined) : err(failure('not-ready', 'it does not run'));
}

async function endOf(paths: LogPaths): Promise<number> {
  await using view = await openLogView(paths);
  return view.end;
}

/** Hands on what stands after a position; the position after that. */
async function pass(paths: LogPaths, position: number, take: (chunk: Uint8Array) => Promise<void>): Promise<number> {
  await using view = await openLogView(paths);
  let at = Math.max(position, view.start);
  for (;;) {
    const chunk = await view.read(at, chunkSize);
    if (chunk === undefined || chunk.length === 0) return at; // at the end, or overtaken by a rotation: look again
    await take(chunk);
    at += chunk.length;
  }
}
