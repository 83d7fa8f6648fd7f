import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { resolve } from 'node:path';
import type { DriverError } from '../../model/outcome.ts';
import { toAgentSpec } from '../../model/spec.ts';
import { err, ok, type Result } from '../../util/result.ts';
import type { ExecOrder } from '../driver.ts';
import { runsApart } from './apart.ts';
import { joinCgroup } from './cgroup.ts';
import { failure, isSystemError } from './failure.ts';
import { feed } from './feed.ts';
import { findCommand } from './find-command.ts';
import { findRunning } from './find-running.ts';
import type { Host } from './host.ts';
import { environmentOf } from './instance-environment.ts';
import { runAs } from './run-as.ts';
import { sendSignal } from './send-signal.ts';

/** Milliseconds to wait for the rest of the output of a command that has ended: a descendant may hold it open. */
const drainTime = 500;

/** A local process would need a pseudo-terminal, which takes a native package. */
const noTerminal = failure('invalid', 'the process driver has no terminals', {
  hint: 'leave `-t` out: with `-i` alone the command reads what you type, line by line',
});

/** It would run beside what holds the instance to what it may reach. */
const outside = failure('invalid', 'its way out is restricted, and a command beside it would not be', {
  hint: 'commands within are not supported yet by the process driver',
});

type Executed = Result<{ readonly exitCode: number }, DriverError>;

/**
 * Runs a command beside an instance: with its environment, in its folder and cgroup, as its user. It carries the
 * cookie, so stopping the instance ends it too.
 */
export async function execIn(host: Host, ref: string, order: ExecOrder): Promise<Executed> {
  const running = await findRunning(host, ref);
  if (!running.ok) return running;
  if (order.terminal) return err(noTerminal);
  const { sighting, run } = running.value;
  if (runsApart(sighting.instance)) return err(outside);
  const environment = { ...(await environmentOf(host, sighting)), ...order.environment };
  const folder = resolve(run.folder, order.workingDir ?? '.');
  const [name = '', ...rest] = order.command;
  const found = await findCommand(name, folder, environment.PATH ?? '');
  if (found.status !== 'found') {
    const isAbsent = found.status === 'not-found';
    const what = isAbsent ? 'command not found' : 'not an executable file';
    return err(failure('invalid', `${what}: \`${name}\``, { exitCode: isAbsent ? 127 : 126 }));
  }
  const user = await runAs(toAgentSpec(sighting.instance.record.lastApplied).security, host.system.user());
  const child = spawn(found.path, rest, {
    cwd: folder,
    env: environment,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...user,
  });
  const ended = endOf(child);
  if (run.cgroup && child.pid !== undefined) await joinOrMiss(run.cgroup, child.pid);
  return attend(host, child, { order, ended });
}

/** Its exit code, 128 and the number of the signal that ended it, or the error of one that could not be run. */
function endOf(child: ChildProcessWithoutNullStreams): Promise<number | Error> {
  return new Promise((resolve) => {
    child.once('error', resolve);
    child.once('exit', (code, signal) => {
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}

async function attend(
  host: Host,
  child: ChildProcessWithoutNullStreams,
  { order, ended }: { readonly order: ExecOrder; readonly ended: Promise<number | Error> },
): Promise<Executed> {
  const closed = once(child, 'close').catch(() => undefined);
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].on('data', (chunk: Uint8Array) => {
      order.output(stream, chunk);
    });
  }
  const over = new AbortController();
  const fed = feed(child.stdin, order.input, over.signal);
  // a child of this very process that has not ended keeps its pid, so there is no stranger to be hit here
  const send = (signal: NodeJS.Signals): void => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      sendSignal(-child.pid, signal);
    }
  };
  const kill = (): void => send('SIGKILL');
  const interrupt = (): void => send('SIGINT');
  if (order.interrupt?.aborted) interrupt();
  order.interrupt?.addEventListener('abort', interrupt, { once: true });
  if (order.signal.aborted) kill();
  order.signal.addEventListener('abort', kill, { once: true });
  const code = await ended;
  order.signal.removeEventListener('abort', kill);
  order.interrupt?.removeEventListener('abort', interrupt);
  if (typeof code === 'number') {
    await Promise.race([closed, host.clock.sleep(drainTime, over.signal).catch(() => undefined)]);
  }
  over.abort();
  await fed;
  child.stdout.destroy();
  child.stderr.destroy();
  order.signal.throwIfAborted();
  return typeof code === 'number' ? ok({ exitCode: code }) : err(failure('invalid', code.message));
}

async function joinOrMiss(cgroup: Parameters<typeof joinCgroup>[0], pid: number): Promise<void> {
  try {
    await joinCgroup(cgroup, pid);
  } catch (thrown) {
    if (!isSystemError(thrown) || thrown.code !== 'ESRCH') throw thrown; // it has ended already
  }
}
