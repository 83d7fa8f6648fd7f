import { hasErrors } from '../../model/diagnostic.ts';
import { isEmptyPlan } from '../../model/plan.ts';
import { planWorkspace } from '../../runtime/plan-workspace.ts';
import { savePlan } from '../../runtime/saved-plan.ts';
import { openWorkspace, sourceOf } from '../../runtime/workspace.ts';
import type { CommandContext, CommonOptions } from '../context.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { planRequestOf, type PlanningOptions } from '../plan-options.ts';
import { hideSensitive, printDiagnostics } from '../present.ts';
import { openReporter, type ReportOptions } from '../reporter.ts';
import { rememberPlan } from '../remember-plan.ts';

interface PlanCommandOptions extends ReportOptions, PlanningOptions, Pick<CommonOptions, 'driver'> {
  readonly out?: string;
  readonly detailedExitcode: boolean;
  readonly destroy: boolean;
  readonly volumes: boolean;
}

/** `aac plan`: what apply would do. Changes nothing; the plan is remembered, so that it can be approved by its digest. */
export async function planCommand(
  context: CommandContext,
  path: string,
  options: PlanCommandOptions,
): Promise<ExitCode> {
  const { terminal, surroundings, interruption, log } = context;
  const reporter = await openReporter(context, options);
  if (!reporter.ok) {
    printDiagnostics(terminal, reporter.error, new Map());
    return exitCodes.failed;
  }
  await using workspace = await openWorkspace(path, surroundings, { ...options, signal: interruption.drain });
  const { texts, project } = workspace.reading;
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
    await reporter.value.tell({ type: 'refusal', diagnostics: planned.error, workspace: project.workspace }, texts);
    return exitCodes.failed;
  }
  const { plan } = planned.value;
  log.info({ digest: plan.digest, nodes: plan.nodes.length }, 'planned');
  await reporter.value.tell({ type: 'plan', plan }, texts);
  if (hasErrors(plan.diagnostics)) return exitCodes.failed;
  await rememberPlan(context, workspace, plan);
  if (options.out !== undefined) {
    await savePlan({ plan, source: options.destroy ? 'removal' : sourceOf(workspace) }, options.out);
    terminal.error(`saved the plan: \`aac apply ${options.out}\` does exactly this\n`);
  }
  return options.detailedExitcode && !isEmptyPlan(plan) ? exitCodes.pending : exitCodes.ok;
}
