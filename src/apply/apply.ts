import type { DriverName } from '../model/agent.ts';
import type { ApplyEvent } from '../model/event.ts';
import type { ApplyReport, NodeReport, Outcome } from '../model/outcome.ts';
import type { NodeId, Plan, PlanNode } from '../model/plan.ts';
import type { RevisionOrigin } from '../model/revision.ts';
import type { ValueReader } from '../model/reference.ts';
import type { Clock } from '../util/clock.ts';
import type { Deadlines } from './deadlines.ts';
import { fanOut } from './fan-out.ts';
import { driverOf, type ApplyContext, type ApplyDriver, type Ground } from './ground.ts';
import { applyFinished, applyStarted, nodeFinished } from './journal-entry.ts';
import type { Journal } from './journal.ts';
import { Mailbox } from './mailbox.ts';
import { ObjectRefs } from './object-refs.ts';
import { runCall } from './run-call.ts';
import type { RunOutcome } from './run-outcome.ts';
import { runWait, waitLimits } from './run-wait.ts';
import { Schedule } from './schedule.ts';

/** What an apply needs besides its plan. */
export interface ApplyOptions {
  /** One for every driver that the plan names. */
  readonly drivers: ReadonlyMap<DriverName, ApplyDriver>;
  readonly context: ApplyContext;
  readonly values: ValueReader;
  readonly clock: Clock;
  /** Evenly from 0 to 1. */
  readonly random: () => number;
  /** First Ctrl-C: nothing new starts, calls that run end as they would, waits end at once. */
  readonly drain: AbortSignal;
  /** Second Ctrl-C: calls that run are cut off too. */
  readonly abort: AbortSignal;
  /** Calls at once, over all drivers; each driver's own limits hold besides. */
  readonly parallelism?: number;
  /** Start nothing new after the first failure. */
  readonly failFast?: boolean;
  /** Milliseconds by verb, instead of the defaults; for a stop, beyond its grace period. */
  readonly deadlines?: Deadlines;
  readonly emit: (event: ApplyEvent) => void;
  /** Whoever opened it flushes it, and learns there whether anything could not be written. */
  readonly journal?: Journal;
  /** The command, as the journal is to name it. */
  readonly command?: string;
  /** Where it comes from, as the journal is to remember it. */
  readonly origin?: RevisionOrigin;
}

/**
 * Carries a plan out and tells what became of every node of it. Nothing that a driver does makes it reject; only a plan
 * that is no acyclic graph, or is for a driver that was not given, does, before anything is touched.
 */
export async function apply(plan: Plan, options: ApplyOptions): Promise<ApplyReport> {
  const ground = groundOf(plan, options);
  const schedule = scheduleOf(plan, options);
  const ledger = new Map<NodeId, Outcome>();
  const { clock, emit, drain } = ground;
  const startedAt = clock.now();

  const settle = (node: PlanNode, outcome: Outcome) => {
    const at = clock.now();
    ledger.set(node.id, outcome);
    emit({ type: 'node-finished', node, outcome, at });
    const entry = nodeFinished(node, outcome, ground.refs.refOf(node.step), at);
    if (entry) options.journal?.append(entry);
  };
  const interrupt = () => {
    schedule.stop();
    emit({ type: 'interrupted', running: schedule.running, at: clock.now() });
  };

  options.journal?.append(applyStarted(plan, journalled(options), startedAt));
  emit({ type: 'apply-started', plan, at: startedAt });
  if (drain.aborted) interrupt();
  else drain.addEventListener('abort', interrupt, { once: true });

  const run = runner(ground);
  const ended = new Mailbox<{ readonly node: PlanNode; readonly outcome: RunOutcome }>();
  for (;;) {
    for (let node = schedule.ready(); node; node = schedule.ready()) {
      schedule.start(node.id);
      ended.expect(run(node));
    }
    if (schedule.running === 0) break;
    const { node, outcome } = await ended.take();
    settle(node, outcome);
    if (outcome.status === 'failed' && options.failFast) schedule.stop();
    for (const skipped of schedule.settle(node.id, outcome.status)) {
      settle(skipped.node, { status: 'skipped', blockedBy: skipped.blockedBy });
    }
  }
  drain.removeEventListener('abort', interrupt);

  const report = reportOf(ground, ledger, startedAt);
  options.journal?.append(applyFinished(report));
  emit({ type: 'apply-finished', report, at: startedAt + report.elapsed });
  return report;
}

function journalled({ context, command = 'apply', origin }: ApplyOptions) {
  return { directory: context.directory, command, ...(origin ? { origin } : {}) };
}

function groundOf(plan: Plan, options: ApplyOptions): Ground {
  const { drivers, context, values, clock, random, abort, emit, deadlines = {} } = options;
  const drain = AbortSignal.any([options.drain, abort]);
  const refs = new ObjectRefs();
  const ground = { plan, drivers, context, values, clock, random, deadlines, drain, abort, refs, emit };
  for (const node of plan.nodes) driverOf(ground, node);
  return ground;
}

function scheduleOf(plan: Plan, { drivers, parallelism }: ApplyOptions): Schedule {
  return new Schedule(plan.nodes, {
    drivers: new Map([...drivers].map(([name, driver]) => [name, driver.limits] as const)),
    ...(parallelism === undefined ? {} : { total: parallelism }),
  });
}

/** Runs nodes, each with signals of its own. */
function runner(
  shared: Ground,
): (node: PlanNode) => Promise<{ readonly node: PlanNode; readonly outcome: RunOutcome }> {
  const limits = waitLimits();
  const [drains, aborts] = [fanOut(shared.drain), fanOut(shared.abort)];
  return async (node) => {
    using drain = drains();
    using abort = aborts();
    const ground: Ground = { ...shared, drain: drain.signal, abort: abort.signal };
    const { step } = node;
    const at = ground.clock.now();
    ground.emit({ type: 'node-started', node, at });
    const outcome =
      step.verb === 'wait'
        ? await runWait(ground, { node, step, at }, limits)
        : await runCall(ground, { node, step, at });
    return { node, outcome };
  };
}

function reportOf(ground: Ground, ledger: ReadonlyMap<NodeId, Outcome>, startedAt: number): ApplyReport {
  const { plan, clock, drain } = ground;
  const nodes = plan.nodes.map((node): NodeReport => ({
    node,
    outcome: ledger.get(node.id) ?? { status: 'not-started' },
  }));
  return { status: statusOf(nodes, drain), plan, nodes, startedAt, elapsed: clock.now() - startedAt };
}

/** An interruption that came too late to keep anything from being done has interrupted nothing. */
function statusOf(nodes: readonly NodeReport[], drain: AbortSignal): ApplyReport['status'] {
  const undone = nodes.some(({ outcome }) => outcome.status === 'not-started' || outcome.status === 'cancelled');
  if (undone && drain.aborted) return 'interrupted';
  return nodes.every(({ outcome }) => outcome.status === 'succeeded') ? 'succeeded' : 'failed';
}
