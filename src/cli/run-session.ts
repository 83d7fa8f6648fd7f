import type { Connection } from '../drivers/driver.ts';
import type { PlannedRun } from '../runtime/plan-run.ts';
import { awaitEnd, type RunEnd, type StartedRun } from '../runtime/run-agent.ts';
import type { CommandContext } from './context.ts';

/** Output that is held back until it is opened, so that it does not mix with what aac says before. */
export interface Gate {
  readonly output: Connection['output'];
  open(): void;
}

/** A gate before `output`. */
export function createGate(output: Connection['output']): Gate {
  let held: (() => void)[] | undefined = [];
  return {
    output: (stream, chunk) => {
      if (held) held.push(() => output(stream, chunk));
      else output(stream, chunk);
    },
    open: () => {
      for (const write of held ?? []) write();
      held = undefined;
    },
  };
}

/**
 * Stays with an agent until it has ended: signals are handed on, keys too where it has a terminal.
 *
 *     running ──Ctrl-C──▶ stopping (its stop signal) ──Ctrl-C──▶ killed
 */
export async function stayWith(
  { streams, terminal, interruption }: CommandContext,
  planned: PlannedRun,
  started: StartedRun,
  options: { readonly raw: boolean; readonly tty: boolean; readonly gate: Gate },
): Promise<RunEnd> {
  const { driver, agent } = started;
  const over = new AbortController();
  const kill = (signal: string): void => void driver.kill?.(agent.ref, signal, over.signal);
  let stopping = false;
  const interrupt = (): void => {
    if (stopping) {
      terminal.error(`killing \`${planned.name}\`\n`);
      kill('SIGKILL');
      return;
    }
    stopping = true;
    terminal.error(`stopping \`${planned.name}\` with ${planned.stopSignal}; Ctrl-C again kills it\n`);
    kill(planned.stopSignal);
  };
  using _signals = streams.onSignal((signal) => (signal === 'SIGINT' ? interrupt() : kill(signal)));
  using _raw = options.raw ? streams.raw() : undefined;
  if (interruption.drain.aborted) interrupt(); // while it was starting
  options.gate.open();
  try {
    return await awaitEnd(planned, started, { tty: options.tty });
  } finally {
    over.abort();
  }
}
