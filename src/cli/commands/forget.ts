import type { DriverName } from '../../model/agent.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { reportFormatVersion, toDocument } from '../../report/document.ts';
import { printable } from '../../report/text.ts';
import { lockWorkspace } from '../../runtime/apply-plan.ts';
import { agentsToForget, driverToForget, letGo, type Letting } from '../../runtime/forget.ts';
import { openWorkspace } from '../../runtime/workspace.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { hideSensitive, printRefusal } from '../present.ts';
import { patienceBeside } from './apply.ts';

interface ForgetOptions {
  readonly driver?: DriverName;
  readonly path: string;
  readonly format: 'text' | 'json';
}

/** `aac forget`: lets go of agents that nobody declares any more, or of a driver, and touches neither. */
export async function forget(
  context: CommandContext,
  names: readonly string[],
  { driver, path, format }: ForgetOptions,
): Promise<ExitCode> {
  const { terminal, surroundings, interruption, commandLine } = context;
  const refuse = (diagnostics: readonly Diagnostic[], texts: ReadonlyMap<string, string> = new Map()): ExitCode => {
    printRefusal(terminal, diagnostics, texts, format);
    return exitCodes.failed;
  };
  if ((names.length === 0) === (driver === undefined)) return refuse([whatToForget]);
  await using workspace = await openWorkspace(path, surroundings, { signal: interruption.drain });
  const { reading, stateFolder, watcher } = workspace;
  hideSensitive(terminal, reading);
  const locked = await lockWorkspace(reading.project.workspace, stateFolder, commandLine, {
    ...patienceBeside(watcher),
    signal: interruption.drain,
  });
  if (!locked.ok) return refuse([locked.error]);
  await using _lock = locked.value;
  const chosen =
    driver === undefined
      ? await agentsToForget(workspace, names, interruption.drain)
      : driverToForget(workspace, driver);
  if (interruption.drain.aborted) return exitCodes.interrupted;
  if (!chosen.ok) return refuse(chosen.error, reading.texts);
  const written = await letGo(stateFolder, chosen.value);
  if (!written.ok) return refuse([unwritten(written.error)]);
  if (format === 'json') {
    terminal.json(
      toDocument({ formatVersion: reportFormatVersion, type: 'forgotten', ...documentOf(chosen.value) }),
      2,
    );
  } else terminal.out(`${sentences(chosen.value).join('\n')}\n`);
  return exitCodes.ok;
}

function documentOf(letting: Letting): Readonly<Record<string, unknown>> {
  return letting.type === 'driver' ? { driver: letting.driver } : { objects: letting.objects };
}

function sentences(letting: Letting): readonly string[] {
  if (letting.type === 'driver') {
    return [
      `no plan asks for the \`${letting.driver}\` driver any more`,
      'what it still runs of this workspace is touched by nobody; should it answer again, plans see it again',
    ];
  }
  return [
    ...letting.objects.map(
      ({ address, name }) => `${printable(address)} (${printable(name)}) is let go of, and goes on as it is`,
    ),
    'this is kept with the history, on this machine: without that, or while a manifest declares the agent, it is managed again',
  ];
}

function unwritten(error: Error): Diagnostic {
  return {
    code: 'unreadable-file',
    severity: 'error',
    message: `the journal cannot be written: ${error.message}`,
    hint: 'nothing was let go of',
  };
}

const whatToForget: Diagnostic = {
  code: 'invalid-argument',
  severity: 'error',
  message: '`aac forget` takes the names of agents, or `--driver`, and not both',
  hint: '`aac ps --all` lists the agents',
};
