import { reportFormatVersion, toDocument } from '../../report/document.ts';
import { redactTexts } from '../../report/redact.ts';
import type { EdgeReading } from '../../runtime/edges.ts';
import type { AgentUsage } from '../../runtime/sample-usage.ts';
import { ok, type Result } from '../../util/result.ts';
import type { Clock } from '../../util/clock.ts';
import type { Companion, Supervised, WatchView } from '../companion.ts';
import { createWatchMetrics } from './metrics.ts';
import { serveMonitor } from './monitor-server.ts';
import { advanceStatus, begun } from './watch-status.ts';

/** What a monitor works with. */
export interface MonitorOptions {
  readonly workspace: string;
  readonly version: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly view: Pick<WatchView, 'agents'>;
  /** What else `/status` tells, such as what is suspended. */
  readonly overview: () => Promise<object>;
  /** What these agents use now. */
  readonly usageOf: (agents: readonly Supervised['agent'][]) => Promise<readonly AgentUsage[]>;
  /** What the edges among these agents are doing now. */
  readonly edgesOf: (agents: readonly Supervised['agent'][]) => Promise<readonly EdgeReading[]>;
  /** A text as it may be shown. */
  readonly redact: (text: string) => string;
  readonly clock: Clock;
}

/** What agents use and edges do, at one time. */
interface Reading {
  readonly usage: readonly AgentUsage[];
  readonly edges: readonly EdgeReading[];
}

/** Milliseconds for which a reading is good enough for whoever asks next. */
const readingAge = 5_000;

/**
 * A companion that counts what the watch does and serves it over HTTP, from now on until the signal of its `run` is
 * aborted. The error says why it cannot listen.
 */
export async function openMonitor(
  options: MonitorOptions,
): Promise<Result<{ readonly companion: Companion; readonly url: string }, string>> {
  const { clock, view, workspace, version } = options;
  const since = new Date(clock.now()).toISOString();
  const metrics = createWatchMetrics(workspace);
  let status = begun;
  let last: { readonly at: number; readonly reading: Promise<Reading> } | undefined;
  let rendering: Promise<unknown> = Promise.resolve();

  const read = async (): Promise<Reading> => {
    const agents = view.agents().map(({ agent }) => agent);
    const [usage, edges] = await Promise.all([options.usageOf(agents), options.edgesOf(agents)]);
    return { usage, edges };
  };
  const reading = (): Promise<Reading> => {
    const at = clock.now();
    if (!last || at - last.at > readingAge) last = { at, reading: read() };
    return last.reading;
  };
  const render = async (): Promise<string> => {
    const measured = await reading();
    const rendered = rendering.then(() => metrics.render({ agents: view.agents(), ...measured, status }));
    rendering = rendered.catch(() => undefined);
    return rendered;
  };

  const served = await serveMonitor(options.listen, {
    metrics: async () => ({ contentType: metrics.contentType, text: await render() }),
    notReady: () => (status.synced ? undefined : options.redact(status.last?.message ?? 'no run has ended well yet')),
    status: async () => {
      const agents = view.agents().map(describe);
      const document = { formatVersion: reportFormatVersion, type: 'watch-status', workspace, version, since };
      const overview = await options.overview();
      return redactTexts(toDocument({ ...document, ...status, ...overview, agents }), options.redact);
    },
  });
  if (!served.ok) return served;
  const server = served.value;
  const companion: Companion = {
    heard: (event) => {
      metrics.heard(event);
      status = advanceStatus(status, event, clock.now());
    },
    run: async (signal) => {
      await using _server = server;
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    },
  };
  return ok({ companion, url: server.url });

  function describe({ agent, supervision }: Supervised): object {
    const { healthMessage } = supervision;
    return {
      address: agent.address,
      driver: agent.driver,
      state: agent.phase,
      health: supervision.health,
      ...(healthMessage === undefined ? {} : { healthMessage }),
      restarts: Math.max(agent.restarts, supervision.restarts),
      supervision: supervision.state.type,
      ports: agent.published,
    };
  }
}
