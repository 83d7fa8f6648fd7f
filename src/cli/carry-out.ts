import type { ApplyReport } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import type { Operation } from '../report/ledger.ts';
import type { Subject } from '../report/render.ts';
import { applyPlan, observeAgents, type ApplyGround } from '../runtime/apply-plan.ts';
import type { CommandContext, CommonOptions } from './context.ts';
import { exitCodes, type ExitCode } from './exit-codes.ts';
import { printOutcome } from './outcome.ts';
import { showProgress } from './progress.ts';

/** How a plan is to be carried out, as the command line says. Durations are milliseconds. */
export interface ExecuteOptions extends CommonOptions {
  readonly parallelism?: number;
  readonly failFast: boolean;
  readonly callTimeout?: number;
  readonly operation?: Operation;
  /** Tells how it ended in all the ways that are not printed. */
  readonly report?: (subject: Subject, texts: ReadonlyMap<string, string>) => Promise<void>;
}

/** Carries a plan out with its progress on stderr and the ledger at the end. The caller holds the lock. */
export async function carryOut(
  context: CommandContext,
  plan: Plan,
  ground: ApplyGround,
  options: ExecuteOptions,
): Promise<ExitCode> {
  return exitCodeOf(await carryOutPlan(context, plan, ground, options));
}

/** The exit code that the end of an apply deserves. */
export function exitCodeOf({ status }: Pick<ApplyReport, 'status'>): ExitCode {
  switch (status) {
    case 'succeeded':
      return exitCodes.ok;
    case 'failed':
      return exitCodes.failed;
    case 'interrupted':
      return exitCodes.interrupted;
  }
}

/** The same for who wants to know what became of each node. */
export async function carryOutPlan(
  context: CommandContext,
  plan: Plan,
  ground: ApplyGround,
  options: ExecuteOptions,
): Promise<ApplyReport> {
  const { terminal, interruption, commandLine, log } = context;
  let report: ApplyReport;
  {
    using progress = showProgress(terminal, options.format);
    report = await applyPlan(plan, ground, {
      drain: interruption.drain,
      abort: interruption.abort,
      command: commandLine,
      failFast: options.failFast,
      ...(options.parallelism === undefined ? {} : { parallelism: options.parallelism }),
      ...(options.callTimeout === undefined ? {} : { callTimeout: options.callTimeout }),
      emit: (event) => {
        log.debug({ event: event.type, ...('node' in event ? { node: event.node.id } : {}) }, 'apply');
        progress.show(event);
      },
    });
  }
  const running =
    options.format === 'text' && options.operation !== 'stop' && report.status === 'succeeded'
      ? await observeAgents(plan, ground.drivers, interruption.abort)
      : [];
  const { format, operation = 'apply' } = options;
  printOutcome(terminal, report, running, { format, operation });
  await options.report?.({ type: 'ledger', report, operation }, new Map());
  return report;
}
