import type { Address } from '../model/address.ts';
import { isEmptyPlan, type Plan } from '../model/plan.ts';
import type { CommandContext } from './context.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';

/** What the command line has agreed to already, and what is asked where it has not. */
export interface Approval {
  readonly question: string;
  readonly approved: boolean;
  /** That data is lost has been said on the command line, too. */
  readonly dataLossApproved: boolean;
}

/**
 * Whether the plan may be carried out. Asks once; where data would be lost only the workspace's name is taken for an
 * answer, else only `yes`. Without a person to ask, says how to go on.
 */
export async function approve(context: CommandContext, plan: Plan, approval: Approval): Promise<ExitCode> {
  const { terminal, interruption } = context;
  const lost = dataLostBy(plan);
  if (isEmptyPlan(plan) || (approval.approved && (lost.length === 0 || approval.dataLossApproved))) return exitCodes.ok;
  if (!terminal.interactive) {
    const [what, how] =
      approval.approved && lost.length > 0
        ? [`whether to lose the data of ${lost.join(', ')}`, 'add `--allow-data-loss`']
        : [
            'whether to do this',
            'read the plan and run again with `--auto-approve`, or with `--expect` and its digest',
          ];
    terminal.error(`error: there is nobody to ask ${what}\nhint: ${how}\n`);
    return exitCodes.failed;
  }
  const wanted = lost.length === 0 ? 'yes' : plan.workspace;
  const warning = lost.length === 0 ? '' : `The data of ${lost.join(', ')} will be lost for good. `;
  const question = `\n${warning}${approval.question} Only \`${wanted}\` is taken for an answer: `;
  const answer = await terminal.ask(question, interruption.drain);
  if (interruption.drain.aborted) return exitCodes.interrupted;
  if (answer?.trim() === wanted) return exitCodes.ok;
  terminal.error('Nothing was done.\n');
  return exitCodes.failed;
}

function dataLostBy({ changes }: Plan): readonly Address[] {
  return changes.flatMap(({ action, approval, address }) =>
    action !== 'no-op' && approval?.type === 'data-loss' ? [address] : [],
  );
}
