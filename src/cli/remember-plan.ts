import type { Plan } from '../model/plan.ts';
import { keepPlan } from '../runtime/kept-plans.ts';
import type { Workspace } from '../runtime/workspace.ts';
import type { CommandContext } from './context.ts';

/** Keeps a plan for whoever approves it by its digest. Where it cannot be kept, only the log says so. */
export async function rememberPlan(
  { log }: CommandContext,
  { stateFolder, reading }: Pick<Workspace, 'stateFolder' | 'reading'>,
  plan: Plan,
): Promise<void> {
  try {
    await keepPlan(stateFolder, plan, reading.sensitive());
  } catch (error) {
    log.warn({ error: error instanceof Error ? error.message : String(error) }, 'the plan cannot be remembered');
  }
}
