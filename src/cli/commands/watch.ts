import { hasErrors, type Diagnostic } from '../../model/diagnostic.ts';
import { isEmptyPlan } from '../../model/plan.ts';
import { formatRange } from '../../model/source.ts';
import { lockWorkspace } from '../../runtime/apply-plan.ts';
import { planWorkspace } from '../../runtime/plan-workspace.ts';
import { openWorkspace, type Workspace } from '../../runtime/workspace.ts';
import { systemClock } from '../../util/clock.ts';
import { syncLoop } from '../../watch/sync-loop.ts';
import { driverChanges, fileChanges, hangUp, resync, type Trigger } from '../../watch/triggers.ts';
import { carryOut } from '../carry-out.ts';
import type { CommandContext, CommonOptions } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { hideSensitive, printDiagnostics, printPlan, withoutAdvice } from '../present.ts';

interface WatchOptions extends CommonOptions {
  readonly once: boolean;
  readonly debounce: number;
  readonly resync?: string;
}

const defaultResync = '* * * * *';

/** `aac watch`: keeps what runs as the directory says, until it is interrupted. What runs goes on running then. */
export async function watchCommand(context: CommandContext, path: string, options: WatchOptions): Promise<ExitCode> {
  const { terminal, surroundings, interruption } = context;
  const signal = interruption.drain;
  const sync = reconciler(context, path);
  if (options.once) {
    const ended = await sync();
    return interruption.drain.aborted ? exitCodes.interrupted : ended;
  }
  await using workspace = await openWorkspace(path, surroundings, { signal });
  const { project } = workspace.reading;
  terminal.error(`watching ${project.root}; Ctrl-C ends the watch and leaves the agents running\n`);
  await syncLoop({
    clock: systemClock,
    debounce: options.debounce,
    signal,
    triggers: [
      fileChanges(project.root),
      hangUp(process),
      resync(options.resync ?? project.sync.resync ?? defaultResync),
      ...(await driverTriggers(workspace)),
    ],
    reconcile: async (reasons) => {
      context.log.info({ reasons }, 'reconciling');
      await sync();
    },
  });
  return exitCodes.ok;
}

/** One run: read everything, plan, apply. What is wrong is said once, and again only when it changes. */
function reconciler(context: CommandContext, path: string): () => Promise<ExitCode> {
  const { terminal, surroundings, interruption } = context;
  let reported = '';
  const report = (diagnostics: readonly Diagnostic[], texts: ReadonlyMap<string, string>): void => {
    const key = diagnostics.map((each) => `${each.range ? formatRange(each.range) : ''} ${each.message}`).join('\n');
    if (key !== reported) printDiagnostics(terminal, diagnostics, texts);
    reported = key;
  };
  return async () => {
    await using workspace = await openWorkspace(path, surroundings, { signal: interruption.drain });
    const { reading, drivers, stateFolder } = workspace;
    hideSensitive(terminal, reading);
    const locked = await lockWorkspace(reading.project.workspace, stateFolder, context.commandLine);
    if (!locked.ok) {
      report([locked.error], reading.texts);
      return exitCodes.failed;
    }
    await using _lock = locked.value;
    const planned = await planWorkspace(workspace, {}, interruption.drain);
    if (!planned.ok || hasErrors(planned.value.plan.diagnostics)) {
      report(planned.ok ? planned.value.plan.diagnostics : planned.error, reading.texts);
      return exitCodes.failed;
    }
    const { plan } = planned.value;
    report(withoutAdvice(plan.diagnostics), reading.texts);
    if (isEmptyPlan(plan)) return exitCodes.ok;
    printPlan(terminal, { ...plan, diagnostics: [] }, reading.texts, 'text');
    const ground = { drivers, stateFolder, values: reading.values };
    return await carryOut(context, plan, ground, { format: 'text', failFast: false });
  };
}

async function driverTriggers({ desired, drivers, reading }: Workspace): Promise<readonly Trigger[]> {
  const names = new Set([...(desired?.templates.values() ?? [])].map((template) => template.driver));
  const opened = await Promise.all([...names].map((name) => drivers.open(name)));
  return opened.flatMap((driver) => (driver ? [driverChanges(driver, reading.project.workspace, systemClock)] : []));
}
