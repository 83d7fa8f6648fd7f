import pLimit from 'p-limit';
import type { ProbeResult } from '../drivers/driver.ts';
import type { ObservedResource } from '../model/observed.ts';
import { toAgentSpec, type HealthCheck } from '../model/spec.ts';
import type { Supervision } from '../model/supervision.ts';
import { isRunning } from '../model/version.ts';
import type { Clock } from '../util/clock.ts';
import { afterCheckOf, beginHealth, type HealthSchedule } from './health-schedule.ts';
import type { RestartOutcome } from './restart.ts';
import {
  afterLook,
  afterRecovery,
  afterRefusal,
  afterUnhealthy,
  beginRestart,
  beginSupervision,
  restartDue,
  type PolicyContext,
  type Seen,
} from './restart-policy.ts';
import type { Supervised } from './companion.ts';
import { supervisionEvents, supervisionNews } from './supervision-news.ts';
import type { WatchSink } from './watch-event.ts';

/** The agents that one look has found. */
export interface AgentSight {
  readonly agents: readonly ObservedResource[];
  readonly complete: boolean;
}

/** What the supervisor asks of the world. */
export interface SupervisorOptions {
  /** The agents that stand; `complete` unless some could not be looked at right now. */
  readonly observe: (signal: AbortSignal) => Promise<AgentSight>;
  readonly restart: (
    agent: ObservedResource,
    supervision: Supervision,
    begin: () => Promise<void>,
    signal: AbortSignal,
  ) => Promise<RestartOutcome>;
  readonly probe: (agent: ObservedResource, check: HealthCheck, signal: AbortSignal) => Promise<ProbeResult>;
  /** Whether nobody else starts this agent again when it has ended. */
  readonly restartsEnded: (agent: ObservedResource) => boolean;
  /** Whether somebody else in this process is changing it at the moment. */
  readonly isBusy: (ref: string) => boolean;
  /** Whether a person wants it left as it is. */
  readonly isLeft?: (agent: ObservedResource) => boolean;
  /** Where what has to outlive this process is kept, by object name. */
  readonly memory: {
    read(): Promise<ReadonlyMap<string, Supervision>>;
    write(name: string, supervision: Supervision): Promise<void>;
    forget(name: string): Promise<void>;
  };
  readonly clock: Clock;
  readonly random: () => number;
  /** One line for people. */
  readonly say: (line: string) => void;
  /** The same for programs. */
  readonly emit?: WatchSink;
}

/** Restarts what crashed or is unhealthy. It owns nothing that is not on disk: killed at any moment, the next carries on. */
export interface Supervisor {
  /** Something may have changed. */
  hint(): void;
  /** The agents that have run, as they were seen last. */
  agents(): readonly Supervised[];
  /** Works until the signal is aborted, and ends when what it had begun has ended. */
  run(signal: AbortSignal): Promise<void>;
}

/** One agent under supervision. */
interface Charge {
  agent: ObservedResource;
  supervision: Supervision;
  health: HealthSchedule | undefined;
  isRestarting: boolean;
  isProbed: boolean;
}

/** A look without any hint, should one have been missed. */
const lookEvery = 60_000;
const busyPause = 250;
const probesAtOnce = 16;

/** A supervisor that has not looked at anything yet. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { clock, memory } = options;
  const charges = new Map<string, Charge>();
  const limit = pLimit(probesAtOnce);
  const working = new Set<Promise<void>>();
  let remembered: ReadonlyMap<string, Supervision> = new Map();
  let isDirty = true;
  let looks = 0;
  let newestLook = 0;
  let wake: () => void = () => undefined;
  const hint = (): void => {
    isDirty = true;
    wake();
  };

  async function look(signal: AbortSignal): Promise<void> {
    const number = ++looks;
    const { agents, complete } = await options.observe(signal);
    if (signal.aborted || number < newestLook) return; // overtaken: what it saw is old
    newestLook = number;
    for (const agent of agents) {
      if (agent.startedAt === undefined) continue; // has never run, or is being started
      const charge = charges.get(agent.ref) ?? takeOver(agent);
      charge.agent = agent;
      settle(charge, afterLook(charge.supervision, seenOf(agent, options), contextOf(charge)));
      charge.health = healthOf(charge, clock.now());
    }
    if (complete) await forget(new Set(agents.map(({ ref }) => ref)), new Set(agents.map(({ name }) => name)));
  }

  function takeOver(agent: ObservedResource): Charge {
    const known = remembered.get(agent.name);
    const supervision = known?.ref === agent.ref ? known : beginSupervision(agent.ref, agent.startedAt ?? '');
    const charge: Charge = { agent, supervision, health: undefined, isRestarting: false, isProbed: false };
    charges.set(agent.ref, charge);
    return charge;
  }

  async function forget(refs: ReadonlySet<string>, names: ReadonlySet<string>): Promise<void> {
    const gone = [...charges].filter(([ref]) => !refs.has(ref));
    for (const [ref] of gone) charges.delete(ref);
    const left = [...gone.map(([, { agent }]) => agent.name), ...remembered.keys()].filter((name) => !names.has(name));
    remembered = new Map([...remembered].filter(([name]) => names.has(name)));
    for (const name of left) await memory.forget(name);
  }

  /** Takes a new state over, tells of it and keeps it. */
  function settle(charge: Charge, after: Supervision): void {
    const before = charge.supervision;
    if (after === before || charges.get(charge.agent.ref) !== charge) return;
    charge.supervision = after;
    const news = supervisionNews(charge.agent.address, before, after, clock.now());
    if (news !== undefined) options.say(news);
    for (const event of supervisionEvents(charge.agent.address, before, after)) options.emit?.(event);
    begin(memory.write(charge.agent.name, after));
  }

  function contextOf({ agent }: Charge): PolicyContext {
    const policy = toAgentSpec(agent.record.lastApplied).restartPolicy;
    return { policy, now: clock.now(), random: options.random };
  }

  async function restart(charge: Charge, signal: AbortSignal): Promise<void> {
    charge.isRestarting = true;
    const write = async (): Promise<void> => {
      charge.supervision = beginRestart(charge.supervision);
      await memory.write(charge.agent.name, charge.supervision);
    };
    try {
      const outcome = await options.restart(charge.agent, charge.supervision, write, signal);
      if (outcome.type === 'refused' && !signal.aborted) {
        settle(charge, afterRefusal(charge.supervision, outcome, contextOf(charge)));
      }
      await look(signal); // tells the new life, or why there is none
      if (outcome.type === 'moot' && (restartDue(charge.supervision) ?? Infinity) <= clock.now()) {
        const refusal = { message: 'it cannot be looked at', counts: false };
        settle(charge, afterRefusal(charge.supervision, refusal, contextOf(charge)));
      }
    } finally {
      charge.isRestarting = false;
    }
  }

  async function probe(charge: Charge, check: HealthCheck, signal: AbortSignal): Promise<void> {
    const { agent, health } = charge;
    if (!health) return;
    charge.isProbed = true;
    const result = await limit(() => options.probe(agent, check, signal));
    charge.isProbed = false;
    if (signal.aborted || charge.health !== health) return; // another life by now
    charge.health = afterCheckOf(health, check, result, clock.now());
    const { status, message } = charge.health.probing;
    const { supervision } = charge;
    if (status === supervision.health) return;
    const { healthMessage: _, ...rest } = supervision;
    const told = { ...rest, health: status, ...(status === 'unhealthy' && message ? { healthMessage: message } : {}) };
    settle(charge, told);
    if (status === 'healthy') settle(charge, afterRecovery(told));
    if (status !== 'unhealthy' || check.onUnhealthy === 'none') return;
    settle(charge, afterUnhealthy(told, message ?? 'no reason given', contextOf(charge)));
  }

  /** Begins what is due; the time at which the next thing is. */
  function act(signal: AbortSignal): number {
    let next = clock.now() + lookEvery;
    for (const charge of charges.values()) {
      const now = clock.now();
      const due = charge.isRestarting || options.isLeft?.(charge.agent) ? undefined : restartDue(charge.supervision);
      if (due !== undefined && due > now) next = Math.min(next, due);
      else if (due !== undefined && options.isBusy(charge.agent.ref)) next = Math.min(next, now + busyPause);
      else if (due !== undefined) begin(restart(charge, signal), signal);
      const check = checkOf(charge);
      if (!check || !charge.health || charge.isProbed || charge.isRestarting) continue;
      if (charge.health.nextAt > now) next = Math.min(next, charge.health.nextAt);
      else begin(probe(charge, check, signal), signal);
    }
    return next;
  }

  /** A bug in one piece of work must not leave the rest unsupervised; what an abort cuts off says nothing. */
  function guarded(work: Promise<void>, signal?: AbortSignal): Promise<void> {
    return work.catch((error: unknown) => {
      if (signal?.aborted) return;
      options.say(`the supervisor failed: ${error instanceof Error ? error.message : String(error)}`);
    });
  }

  function begin(work: Promise<void>, signal?: AbortSignal): void {
    const ended = guarded(work, signal);
    working.add(ended);
    void ended.finally(() => {
      working.delete(ended);
      wake();
    });
  }

  return {
    hint,
    agents: () => [...charges.values()].map(({ agent, supervision }) => ({ agent, supervision })),
    async run(signal) {
      remembered = await memory.read();
      signal.addEventListener('abort', () => wake(), { once: true });
      let lookAt = 0;
      while (!signal.aborted) {
        const woken = new Promise<void>((resolve) => (wake = resolve));
        if (isDirty || clock.now() >= lookAt) {
          isDirty = false;
          lookAt = clock.now() + lookEvery;
          await guarded(look(signal), signal);
        }
        const pause = Math.max(1, Math.min(act(signal), lookAt) - clock.now());
        const over = new AbortController();
        await Promise.race([clock.sleep(pause, over.signal).catch(() => undefined), woken]);
        over.abort();
      }
      while (working.size > 0) await Promise.all(working);
    },
  };
}

/** An end that the engine sees to itself is not the supervisor's affair: to it the agent is still there. */
function seenOf(agent: ObservedResource, { restartsEnded }: SupervisorOptions): Seen {
  const life = agent.startedAt ?? '';
  if (isRunning(agent) || !restartsEnded(agent)) return { type: 'running', life };
  const { exitCode, stopRequested } = agent;
  return { type: 'ended', life, asked: stopRequested === true, ...(exitCode === undefined ? {} : { exitCode }) };
}

/** The check of an agent that runs, if it has one. */
function checkOf({ agent }: Charge): HealthCheck | undefined {
  return agent.phase === 'running' ? toAgentSpec(agent.record.lastApplied).healthCheck : undefined;
}

/** The schedule of this very life; nothing is asked of what does not run. */
function healthOf(charge: Charge, now: number): HealthSchedule | undefined {
  const check = checkOf(charge);
  const { health, supervision } = charge;
  if (!check) return undefined;
  return health?.life === supervision.life ? health : beginHealth(check, supervision.life, supervision.health, now);
}
