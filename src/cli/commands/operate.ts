import { parseAddress } from '../../model/address.ts';
import { hasErrors, type Diagnostic } from '../../model/diagnostic.ts';
import { isEmptyPlan, type Plan } from '../../model/plan.ts';
import type { LockHolder } from '../../apply/lock.ts';
import { isSuspended, readSuspension } from '../../apply/suspension.ts';
import type { OperationOrder } from '../../plan/operate.ts';
import { achievements } from '../../report/cause.ts';
import { printable } from '../../report/text.ts';
import { lockWorkspace } from '../../runtime/apply-plan.ts';
import { planOperationOn } from '../../runtime/operate.ts';
import { openWorkspace } from '../../runtime/workspace.ts';
import { carryOut, type ExecuteOptions } from '../carry-out.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { hideSensitive, printDiagnostics, printRefusal } from '../present.ts';
import { patienceBeside } from './apply.ts';

interface OperateOptions extends Omit<ExecuteOptions, 'operation' | 'failFast'> {
  readonly all: boolean;
  readonly path: string;
  /** The grace period. */
  readonly timeout?: number;
  readonly waitTimeout?: number;
}

type Command = (context: CommandContext, names: readonly string[], options: OperateOptions) => Promise<ExitCode>;

/** `aac stop`: ends agents in their own way, dependents first. */
export const stop: Command = (context, names, options) => operate('stop', context, names, options);

/** `aac start`: starts agents that stand and do not run, what they depend on first. */
export const start: Command = (context, names, options) => operate('start', context, names, options);

/** `aac restart`: stops what runs of the agents, and starts them. */
export const restart: Command = (context, names, options) => operate('restart', context, names, options);

async function operate(
  type: OperationOrder['type'],
  context: CommandContext,
  names: readonly string[],
  options: OperateOptions,
): Promise<ExitCode> {
  const { terminal, surroundings, interruption, log } = context;
  const refuse = (diagnostics: readonly Diagnostic[], texts: ReadonlyMap<string, string> = new Map()): ExitCode => {
    printRefusal(terminal, diagnostics, texts, options.format);
    return exitCodes.failed;
  };
  if ((names.length === 0) !== options.all) return refuse([options.all ? bothGiven : whichAgents(type)]);
  await using workspace = await openWorkspace(options.path, surroundings, { signal: interruption.drain });
  const { reading, drivers, stateFolder, watcher } = workspace;
  hideSensitive(terminal, reading);
  const locked = await lockWorkspace(reading.project.workspace, stateFolder, context.commandLine, {
    ...patienceBeside(watcher),
    signal: interruption.drain,
  });
  if (!locked.ok) return refuse([locked.error]);
  await using _lock = locked.value;
  const { timeout, waitTimeout } = options;
  const order: OperationOrder = {
    type,
    ...(timeout === undefined ? {} : { gracePeriod: timeout }),
    ...(waitTimeout === undefined ? {} : { waitTimeout }),
  };
  const planned = await planOperationOn(workspace, options.all ? 'all' : names, order, interruption.drain);
  if (interruption.drain.aborted) return exitCodes.interrupted;
  if (!planned.ok) return refuse(planned.error, reading.texts);
  const plan = planned.value;
  log.info({ digest: plan.digest, nodes: plan.nodes.length }, 'planned');
  if (options.format === 'text') {
    printDiagnostics(terminal, plan.diagnostics, reading.texts);
    if (type === 'stop' && watcher) {
      const left = await readSuspension(stateFolder);
      printDiagnostics(
        terminal,
        startedAgain(plan, watcher, (name) => isSuspended(left, name)),
        reading.texts,
      );
    }
    if (isEmptyPlan(plan)) terminal.error(`${nothingToDo(type, plan)}\n`);
  }
  const code = await carryOut(
    context,
    plan,
    { drivers, stateFolder, values: reading.values, source: 'operation' },
    { ...options, operation: type, failFast: false },
  );
  return hasErrors(plan.diagnostics) ? exitCodes.failed : code;
}

/** What an empty plan has left alone, and why. */
function nothingToDo(type: OperationOrder['type'], { changes }: Plan): string {
  if (changes.length === 0) return `nothing was ${achievements[type]}: no such agent stands`;
  return changes
    .map(({ address, notes }) => `${printable(address)} was not ${achievements[type]}: ${notes.join(', ')}`)
    .join('\n');
}

/**
 * What the watch makes of what is stopped: it starts it again, except what is suspended. Nobody watches over agents of
 * `aac run`.
 */
function startedAgain(
  { changes }: Plan,
  { process: { pid }, command }: LockHolder,
  isLeft: (agent: string) => boolean,
): readonly Diagnostic[] {
  const stopped = new Set(
    changes.flatMap(({ action, address }) => {
      const parts = parseAddress(address);
      return action === 'stop' && parts?.index !== undefined ? [parts.name] : [];
    }),
  );
  const watch = `\`${command}\` (process ${String(pid)})`;
  const again = [...stopped].filter((name) => !isLeft(name)).map(printable);
  const left = [...stopped].filter(isLeft).map(printable);
  const started: Diagnostic = {
    code: 'watched',
    severity: 'warning',
    message: `${watch} will start ${again.join(', ')} again, as far as the manifests declare it`,
    hint: `to keep it stopped: \`aac suspend ${again.join(' ')}\`, which has the watch leave it as it is, or \`aac watch --stop\``,
  };
  const kept: Diagnostic = {
    code: 'suspended',
    severity: 'note',
    message: `${watch} leaves ${left.join(', ')} stopped: suspended`,
    hint: `\`aac resume ${left.join(' ')}\` has it started again`,
  };
  return [...(again.length > 0 ? [started] : []), ...(left.length > 0 ? [kept] : [])];
}

function whichAgents(type: OperationOrder['type']): Diagnostic {
  return {
    code: 'invalid-argument',
    severity: 'error',
    message: `\`aac ${type}\` takes the names of agents`,
    hint: `\`aac ${type} --all\` is for all of them; \`aac ps --all\` lists them`,
  };
}

const bothGiven: Diagnostic = {
  code: 'invalid-argument',
  severity: 'error',
  message: '`--all` leaves nothing to name',
  hint: 'give names, or `--all`',
};
