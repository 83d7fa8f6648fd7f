import pLimit from 'p-limit';
import type { Usage } from '../drivers/driver.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ObservedResource } from '../model/observed.ts';
import type { DriverError } from '../model/outcome.ts';
import { isRunning } from '../model/version.ts';
import { systemClock, type Clock } from '../util/clock.ts';
import { linkedSignal } from '../util/linked-signal.ts';
import type { DriverSet } from './driver-set.ts';
import { listAgents, type AgentList } from './list-agents.ts';
import { busyCores } from './usage-rate.ts';
import type { Workspace } from './workspace.ts';

/** What one agent uses at a moment, or why that is not known. */
export type AgentUsage = { readonly agent: ObservedResource } & (
  | {
      readonly status: 'measured';
      readonly usage: Usage;
      /** Busy cores since the reading before, 0.5 being half of one; absent until there are two readings of one life. */
      readonly cores?: number;
      /** Milliseconds between those two readings. */
      readonly window?: number;
    }
  | { readonly status: 'not-running' }
  | { readonly status: 'unknown'; readonly error: DriverError }
);

/** What all agents use at a moment. */
export interface UsageSample {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** By agent, replica and generation. */
  readonly agents: readonly AgentUsage[];
  /** What could not be looked at. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What sampling works with. Durations are milliseconds. */
export interface SamplingGround {
  readonly list: (signal: AbortSignal) => Promise<AgentList>;
  readonly drivers: DriverSet;
  readonly clock: Clock;
  readonly interval: number;
  readonly signal: AbortSignal;
}

/** Rates over less than this say more of the moment than of the agent. */
const shortestSpan = 1_000;
/** An engine that takes a second for a reading takes it for many at once. */
const readingsAtOnce = 64;
const readingDeadline = 15_000;

/**
 * Samples until the signal is aborted. The first comes after two readings, so that it tells cpu; agents that come and
 * go meanwhile come and go in the samples.
 */
export async function* sampleUsage(ground: SamplingGround): AsyncGenerator<UsageSample> {
  const { clock, interval, signal } = ground;
  let before: ReadonlyMap<string, Usage> = new Map();
  for (let round = 0; !signal.aborted; round++) {
    const began = clock.now();
    const sample = await takeSample(ground, before);
    if (signal.aborted) return;
    before = new Map(
      sample.agents.flatMap((each) => (each.status === 'measured' ? [[each.agent.ref, each.usage] as const] : [])),
    );
    const isFirst = round === 0 && before.size > 0;
    if (!isFirst) yield sample;
    const pause = (isFirst ? shortestSpan : interval) - (clock.now() - began);
    if (pause > 0) await clock.sleep(pause, signal).catch(() => undefined);
  }
}

/** Samples of a workspace: of the agents of these names, running or not, else of all that run. */
export function sampleWorkspace(
  workspace: Workspace,
  names: readonly string[],
  options: Pick<SamplingGround, 'interval' | 'signal'>,
): AsyncGenerator<UsageSample> {
  const list = async (signal: AbortSignal): Promise<AgentList> => {
    const all = await listAgents(workspace, names, signal);
    return names.length > 0 ? all : { ...all, agents: all.agents.filter(isRunning) };
  };
  return sampleUsage({ ...options, list, drivers: workspace.drivers, clock: systemClock });
}

/** One reading of each of these agents. */
export async function readUsages(
  agents: readonly ObservedResource[],
  drivers: DriverSet,
  signal: AbortSignal,
  before: ReadonlyMap<string, Usage> = new Map(),
): Promise<readonly AgentUsage[]> {
  const limit = pLimit(readingsAtOnce);
  return Promise.all(agents.map((agent) => limit(() => readUsage(agent, drivers, before.get(agent.ref), signal))));
}

async function takeSample(
  { list, drivers, clock, signal }: SamplingGround,
  before: ReadonlyMap<string, Usage>,
): Promise<UsageSample> {
  const { agents, diagnostics } = await list(signal);
  return { at: clock.now(), agents: await readUsages(agents, drivers, signal, before), diagnostics };
}

async function readUsage(
  agent: ObservedResource,
  drivers: DriverSet,
  before: Usage | undefined,
  signal: AbortSignal,
): Promise<AgentUsage> {
  if (!isRunning(agent)) return { agent, status: 'not-running' };
  const driver = await drivers.open(agent.driver);
  using limited = linkedSignal(signal, readingDeadline);
  const answer = await driver?.stats?.(agent.ref, limited.signal);
  if (!answer) return { agent, status: 'unknown', error: cannotTell(agent) };
  if (answer.ok) {
    const cores = busyCores(before, answer.value);
    const rate = cores === undefined || !before ? {} : { cores, window: answer.value.at - before.at };
    return { agent, status: 'measured', usage: answer.value, ...rate };
  }
  const { code } = answer.error;
  if (code === 'not-ready' || code === 'not-found') return { agent, status: 'not-running' };
  return { agent, status: 'unknown', error: answer.error };
}

function cannotTell({ driver }: ObservedResource): DriverError {
  return { code: 'invalid', retry: 'terminal', message: `the ${driver} driver cannot tell what agents use` };
}
