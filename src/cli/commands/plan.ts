import { hasErrors } from '../../model/diagnostic.ts';
import { isEmptyPlan } from '../../model/plan.ts';
import { planWorkspace } from '../../runtime/plan-workspace.ts';
import { savePlan } from '../../runtime/saved-plan.ts';
import { openWorkspace } from '../../runtime/workspace.ts';
import type { CommandContext, CommonOptions } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { planRequestOf, type PlanningOptions } from '../plan-options.ts';
import { hideSensitive, printPlan, printRefusal } from '../present.ts';

interface PlanCommandOptions extends CommonOptions, PlanningOptions {
  readonly out?: string;
  readonly detailedExitcode: boolean;
  readonly destroy: boolean;
  readonly volumes: boolean;
}

/** `aac plan`: what apply would do. Reads, and writes nothing but the file that `--out` names. */
export async function planCommand(
  context: CommandContext,
  path: string,
  options: PlanCommandOptions,
): Promise<ExitCode> {
  const { terminal, surroundings, interruption, log } = context;
  await using workspace = await openWorkspace(path, surroundings, { ...options, signal: interruption.drain });
  const { texts } = workspace.reading;
  hideSensitive(terminal, workspace.reading);
  const planned = await planWorkspace(
    workspace,
    {
      ...planRequestOf(options),
      ...(options.destroy ? { destroy: { volumes: options.volumes } } : {}),
    },
    interruption.drain,
  );
  if (interruption.drain.aborted) return exitCodes.interrupted;
  if (!planned.ok) {
    printRefusal(terminal, planned.error, texts, options.format);
    return exitCodes.failed;
  }
  const { plan } = planned.value;
  log.info({ digest: plan.digest, nodes: plan.nodes.length }, 'planned');
  printPlan(terminal, plan, texts, options.format);
  if (hasErrors(plan.diagnostics)) return exitCodes.failed;
  if (options.out !== undefined) {
    await savePlan(plan, options.out);
    terminal.error(`saved the plan: \`aac apply ${options.out}\` does exactly this\n`);
  }
  return options.detailedExitcode && !isEmptyPlan(plan) ? exitCodes.pending : exitCodes.ok;
}
