import { parseAddress } from '../../model/address.ts';
import { hasErrors } from '../../model/diagnostic.ts';
import type { ObservedResource } from '../../model/observed.ts';
import { isRunning } from '../../model/version.ts';
import { listAgents } from '../../runtime/list-agents.ts';
import { openWorkspace } from '../../runtime/workspace.ts';
import type { ExecOrder } from '../../drivers/driver.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { printDiagnostics, printFailure } from '../present.ts';

interface ExecOptions {
  readonly interactive: boolean;
  readonly tty: boolean;
  readonly env?: readonly string[];
  readonly workdir?: string;
  readonly path: string;
}

/** `aac exec`: a command in an agent that runs. Ends with its exit code, or 125 when it could not be run. */
export async function exec(
  context: CommandContext,
  [name = '', ...command]: readonly string[],
  options: ExecOptions,
): Promise<number> {
  const { terminal, surroundings, streams, interruption } = context;
  const fail = (message: string, hint: string): number => {
    terminal.error(`error: ${message}\nhint: ${hint}\n`);
    return exitCodes.notRun;
  };
  const { interactive, tty } = options;
  if (tty && interactive && !streams.isTerminal.input) {
    return fail('`-it` needs a terminal, and the input is none', 'leave `-t` out');
  }
  await using workspace = await openWorkspace(options.path, surroundings, { signal: interruption.drain });
  const { agents, diagnostics } = await listAgents(workspace, [name], interruption.drain);
  const agent = agents.find(isRunning);
  if (!agent) {
    if (hasErrors(diagnostics)) printDiagnostics(terminal, diagnostics, workspace.reading.texts);
    const [stopped] = agents;
    if (!stopped) return fail(`there is no agent \`${name}\``, '`aac ps --all` lists those that there are');
    return fail(`\`${name}\` does not run: it is ${stopped.phase}`, `\`aac logs ${name}\` shows what it has written`);
  }
  const driver = await workspace.drivers.open(agent.driver);
  if (!driver?.exec) return fail(`the ${agent.driver} driver cannot run commands`, 'there is no other way yet');
  const over = new AbortController();
  const order: ExecOrder = {
    command,
    environment: environmentOf(options.env ?? [], surroundings.environment),
    ...(options.workdir === undefined ? {} : { workingDir: options.workdir }),
    ...(interactive ? { input: streams.input(over.signal) } : {}),
    output: streams.output,
    ready: streams.ready,
    ...(tty ? { terminal: streams.view } : {}),
    interrupt: interruption.drain,
    signal: interruption.abort,
  };
  try {
    using _raw = interactive && tty ? streams.raw() : undefined;
    const ended = await driver.exec(agent.ref, order);
    if (ended.ok) return ended.value.exitCode;
    if (interruption.drain.aborted) return interrupted(context, agent);
    printFailure(terminal, ended.error);
    return ended.error.exitCode ?? exitCodes.notRun;
  } finally {
    over.abort();
  }
}

/** An engine has no way to end a command of an exec. */
function interrupted({ terminal }: CommandContext, { driver, address }: ObservedResource): number {
  const name = parseAddress(address)?.name ?? address;
  if (driver === 'docker') terminal.error(`the command may go on in \`${name}\`, as an engine cannot end it\n`);
  return exitCodes.interrupted;
}

function environmentOf(
  variables: readonly string[],
  caller: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    variables.flatMap((variable) => {
      const at = variable.indexOf('=');
      if (at > 0) return [[variable.slice(0, at), variable.slice(at + 1)]];
      const value = caller[variable];
      return value === undefined ? [] : [[variable, value]];
    }),
  );
}
