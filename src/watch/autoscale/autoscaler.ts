import type { MemoryFiles } from '../../apply/memory-files.ts';
import type { Agent } from '../../model/agent.ts';
import { agentTemplate, parseAddress, type Address, type TemplateAddress } from '../../model/address.ts';
import { hasErrors } from '../../model/diagnostic.ts';
import type { ObservedResource } from '../../model/observed.ts';
import type { Scaling } from '../../model/scaling.ts';
import { standingReplicas } from '../../plan/replicas.ts';
import type { ScaleRequest } from '../../plan/options.ts';
import type { DriverSet } from '../../runtime/driver-set.ts';
import type { AgentList } from '../../runtime/list-agents.ts';
import { sampleUsage, type AgentUsage, type UsageSample } from '../../runtime/sample-usage.ts';
import type { Clock } from '../../util/clock.ts';
import type { Companion, Supervised } from '../companion.ts';
import type { WatchEvent, WatchSink } from '../watch-event.ts';
import { decideScale, isScaled, targetsOf, type ScaledAgent } from './decide.ts';
import { beginScaling, noMemory } from './recommend.ts';
import { readinessOf, samplesOf, type Readiness } from './sample.ts';

/** What an autoscaler works with. */
export interface AutoscalerOptions {
  /** What the manifests that are in force declare; absent until some could be read. */
  readonly declared: () => readonly Agent[] | undefined;
  /** Whose health is known. */
  readonly supervised: () => readonly Supervised[];
  /** What stands of these agents. */
  readonly list: (names: readonly string[], signal: AbortSignal) => Promise<AgentList>;
  /** Why an agent is to keep as many replicas as it has; asked at each look. */
  readonly left?: () => Promise<(agent: string) => string | undefined>;
  readonly drivers: DriverSet;
  /** Where what has to outlive this process is kept, by agent. */
  readonly memory: MemoryFiles<Scaling>;
  readonly clock: Clock;
  /** Milliseconds between two looks. */
  readonly interval: number;
  /** One line for people. */
  readonly say: (line: string) => void;
  readonly emit: WatchSink;
}

/**
 * Looks at what autoscaled agents use, and has each run of the sync loop plan as many replicas as that asks for. Nothing
 * is decided while a run goes on, as it changes what is looked at. With no autoscaled agent it asks nobody anything.
 */
export function createAutoscaler(options: AutoscalerOptions): Companion {
  const { clock, memory, emit } = options;
  const scalings = new Map<string, Scaling>();
  const requests = new Map<TemplateAddress, ScaleRequest>();
  const turned = new Map<Address, number>();
  const told = new Map<string, string>();
  let readiness: ReadonlyMap<string, Readiness> = new Map();
  let remembered: ReadonlyMap<string, Scaling> = new Map();
  let begin: (reason: string) => void = () => undefined;
  let runs = 0;
  let isQuiet = false;

  function scaledAgents(): readonly ScaledAgent[] {
    return (options.declared() ?? []).filter(isScaled);
  }

  /** What stands, with the health that the supervisor knows of. */
  async function list(signal: AbortSignal): Promise<AgentList> {
    const names = scaledAgents().map(({ name }) => name);
    if (names.length === 0) return { agents: [], diagnostics: [] };
    const { agents, diagnostics } = await options.list(names, signal);
    const health = new Map(
      options.supervised().map(({ agent, supervision }) => [`${agent.ref} ${supervision.life}`, supervision.health]),
    );
    const declared = agents.filter(({ record }) => record.origin === 'manifest');
    const known = declared.map((agent): ObservedResource => ({
      ...agent,
      health: health.get(`${agent.ref} ${agent.startedAt ?? ''}`) ?? agent.health,
    }));
    return { agents: known, diagnostics };
  }

  async function look(sample: UsageSample): Promise<void> {
    const agents = scaledAgents();
    await forgetOthers(new Set(agents.map(({ name }) => name)));
    readiness = new Map(
      sample.agents.map(({ agent }) => [
        agent.ref,
        readinessOf(readiness.get(agent.ref), agent, turned.get(agent.address), sample.at),
      ]),
    );
    const left = await options.left?.();
    for (const agent of agents) {
      const why = left?.(agent.name);
      if (why !== undefined) {
        leave(agent.name, why);
        continue;
      }
      const usages = sample.agents.filter((usage) => parseAddress(usage.agent.address)?.name === agent.name);
      complain(agent, usages);
      await scale(agent, usages, sample.at);
    }
  }

  /** It begins anew with what stands when nothing speaks against it any more. */
  function leave(name: string, why: string): void {
    scalings.delete(name);
    requests.delete(agentTemplate(name));
    tell(name, `${name} is not scaled: ${why}`);
  }

  async function scale(agent: ScaledAgent, usages: readonly AgentUsage[], now: number): Promise<void> {
    const { name } = agent;
    const template = agentTemplate(name);
    const known = scalings.get(name);
    const current =
      known?.replicas ??
      standingReplicas(
        template,
        usages.map((usage) => usage.agent.address),
      );
    if (current === 0 && !known) return; // nothing stands yet: its first number is the manifest's affair
    const before = known?.memory ?? beginScaling(remembered.get(name)?.memory ?? noMemory, current, now);
    const samples = (resource: 'cpu' | 'memory') => samplesOf(usages, readiness, resource);
    const { replicas, because, memory: after } = decideScale(agent, current, samples, before, now);
    const scaling: Scaling = { format: 1, at: now, replicas, because, memory: after };
    scalings.set(name, scaling);
    if (!known) requests.set(template, { replicas, because: 'as many as there were' });
    if (replicas !== current) requests.set(template, { replicas, because });
    await memory.write(name, scaling);
    if (replicas === current) return;
    emit({ type: 'scaled', agent: name, from: current, to: replicas, because });
    begin(`${name} scaled from ${String(current)} to ${String(replicas)}: ${because}`);
  }

  async function forgetOthers(names: ReadonlySet<string>): Promise<void> {
    const gone = [...scalings.keys(), ...remembered.keys()].filter((name) => !names.has(name));
    remembered = new Map([...remembered].filter(([name]) => names.has(name)));
    for (const name of gone) {
      scalings.delete(name);
      requests.delete(agentTemplate(name));
      told.delete(name);
      await memory.forget(name);
    }
  }

  /** What keeps an agent from being scaled, once until it is something else. */
  function complain(agent: ScaledAgent, usages: readonly AgentUsage[]): void {
    const missing = targetsOf(agent).flatMap(({ resource, request }) =>
      request === undefined ? [`\`resources.requests.${resource}\` is missing`] : [],
    );
    const unknown = usages.flatMap((usage) => (usage.status === 'unknown' ? [usage.error.message] : []));
    const reasons = [...new Set([...missing, ...unknown])].join('; ');
    tell(agent.name, reasons === '' ? '' : `${agent.name} is not scaled: ${reasons}`);
  }

  function tell(subject: string, line: string): void {
    if (line !== '' && line !== told.get(subject)) options.say(line);
    told.set(subject, line);
  }

  function hear(event: WatchEvent): void {
    switch (event.type) {
      case 'run-started':
        runs++;
        isQuiet = false;
        return;
      case 'reconciled':
      case 'failed':
        isQuiet = true;
        return;
      case 'healthy':
      case 'unhealthy':
        turned.set(event.address, clock.now());
        return;
      default:
        return; // no affair of the autoscaler's
    }
  }

  return {
    trigger: (trigger) => (begin = trigger),
    request: () => ({ scale: new Map(requests) }),
    heard: hear,
    async run(signal) {
      remembered = await memory.read();
      while (!signal.aborted) {
        try {
          await lookOn(signal);
        } catch (error) {
          if (signal.aborted) return;
          tell('autoscaling', `the autoscaler failed: ${error instanceof Error ? error.message : String(error)}`);
          await clock.sleep(options.interval, signal).catch(() => undefined);
        }
      }
    },
  };

  async function lookOn(signal: AbortSignal): Promise<void> {
    let listedIn: number | undefined;
    const samples = sampleUsage({
      list: (aborted) => {
        listedIn = isQuiet ? runs : undefined;
        return list(aborted);
      },
      drivers: options.drivers,
      clock,
      interval: options.interval,
      signal,
    });
    for await (const sample of samples) {
      if (isQuiet && listedIn === runs && !hasErrors(sample.diagnostics) && options.declared()) await look(sample);
    }
  }
}
