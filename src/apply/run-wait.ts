import pLimit, { type LimitFunction } from 'p-limit';
import type { LogLine, ProbeResult } from '../drivers/driver.ts';
import { parseAddress } from '../model/address.ts';
import type { FieldPath } from '../model/field-path.ts';
import type { ObservedResource } from '../model/observed.ts';
import type { DriverError } from '../model/outcome.ts';
import type { Wait } from '../model/plan.ts';
import type { HealthCheck } from '../model/spec.ts';
import { ok } from '../util/result.ts';
import { askDriver, type Answer } from './ask-driver.ts';
import { bounded } from './bounded.ts';
import { inspectDeadline, logsDeadline } from './deadlines.ts';
import { addressOf, driverOf, type Ground, workspaceOf } from './ground.ts';
import { probeOnce } from './probe-once.ts';
import { afterCheck, afterLook, type SettledVerdict, type WaitState, type WaitStep } from './readiness.ts';
import { cancelled, failed, outcomeOf, type Begun, type RunOutcome } from './run-outcome.ts';

/** Keeps a thousand waits from asking an engine all at once. */
export interface WaitLimits {
  readonly looks: LimitFunction;
  readonly probes: LimitFunction;
}

/** The limits for one apply. A probe may take seconds, so more of them go at once. */
export function waitLimits(): WaitLimits {
  return { looks: pLimit(8), probes: pLimit(16) };
}

const shownLogLines = 20;

/**
 * Looks and checks until the wait is met, has failed or is past its deadline. It holds no slot meanwhile, and the first
 * Ctrl-C ends it.
 */
export async function runWait(ground: Ground, begun: Begun<Wait>, limits: WaitLimits): Promise<RunOutcome> {
  const { clock, drain, emit } = ground;
  const { node, step, at } = begun;
  const ends = at + step.deadline;
  let state: WaitState = {};
  let lacking = '';
  for (;;) {
    const looked = await limits.looks(() => look(ground, begun));
    if (looked.cutOff || !looked.result.ok) return outcomeOf(ground, begun, looked);
    const next = await judge(ground, begun, limits, state, looked.result.value);
    if (drain.aborted) return cancelled(ground, begun);
    state = next.state;
    const { verdict } = next;
    if (verdict.type === 'met') return outcomeOf(ground, begun, { cutOff: false, result: ok(undefined), attempts: 1 });
    if (verdict.type === 'failed') return failed(ground, begun, await notReady(ground, step, verdict));
    if (verdict.lacking !== lacking) emit({ type: 'node-progress', node, message: verdict.lacking, at: clock.now() });
    lacking = verdict.lacking;
    const left = ends - clock.now();
    if (left <= 0) return failed(ground, begun, await notReady(ground, step, { message: pastDeadline(step, lacking) }));
    await clock.sleep(Math.min(verdict.pause, left), drain).catch(() => undefined);
    if (drain.aborted) return cancelled(ground, begun);
  }
}

function look(ground: Ground, { node, step }: Begun<Wait>): Promise<Answer<ObservedResource | undefined>> {
  const { plan, context, refs, drain } = ground;
  return askDriver(ground, node, {
    what: `a look at \`${step.target.name}\``,
    deadline: inspectDeadline,
    signal: drain,
    call: (signal) =>
      driverOf(ground, node).inspect(
        { workspace: workspaceOf(step, plan), root: context.root },
        addressOf(step),
        refs.handleOf(step),
        signal,
      ),
  });
}

/** What follows from a look; asks the agent itself only where that is needed to tell. */
async function judge(
  ground: Ground,
  begun: Begun<Wait>,
  limits: WaitLimits,
  state: WaitState,
  observed: ObservedResource | undefined,
): Promise<WaitStep<SettledVerdict>> {
  const { step } = begun;
  const seen = afterLook(step, state, observed, ground.clock.now());
  const { state: now, verdict } = seen;
  if (verdict.type !== 'probe') return { state: now, verdict };
  const { check } = verdict;
  const result = await limits.probes(() => probe(ground, begun, check));
  return afterCheck(step, now, result, ground.clock.now());
}

function probe(ground: Ground, { node, step }: Begun<Wait>, check: HealthCheck): Promise<ProbeResult> {
  const { clock, drain, refs } = ground;
  return probeOnce(driverOf(ground, node), refs.handleOf(step), check, { clock, signal: drain });
}

function pastDeadline({ target, until, deadline }: Wait, lacking: string): string {
  const state = until === 'completed' ? 'done' : until;
  return `\`${target.name}\` was not ${state} within ${String(deadline / 1_000)} s: ${lacking}`;
}

async function notReady(
  ground: Ground,
  step: Wait,
  { message, field }: { readonly message: string; readonly field?: FieldPath },
): Promise<DriverError> {
  const details = await endOfLog(ground, step);
  return {
    code: 'not-ready',
    retry: 'terminal',
    message,
    hint: `\`aac logs ${parseAddress(step.address)?.name ?? step.address}\` shows what it has written`,
    ...(field === undefined ? {} : { field }),
    ...(details.length === 0 ? {} : { details }),
  };
}

/** The last lines of the agent's log, as many as can be had in short time: an explanation that fails is no failure. */
async function endOfLog({ drivers, clock, refs, abort }: Ground, step: Wait): Promise<readonly string[]> {
  const driver = drivers.get(step.driver);
  const lines: LogLine[] = [];
  await bounded(
    async (signal) => {
      const log = driver?.logs?.(refs.handleOf(step), { follow: false, tail: shownLogLines, signal }) ?? [];
      for await (const line of log) lines.push(line);
    },
    { clock, deadline: logsDeadline, signal: abort },
  );
  return lines.slice(-shownLogLines).map((line) => line.text);
}
