import { reportFormatVersion, toDocument } from '../../report/document.ts';
import { redactTexts } from '../../report/redact.ts';
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
  /** What these agents use now. */
  readonly usageOf: (agents: readonly Supervised['agent'][]) => Promise<readonly AgentUsage[]>;
  /** A text as it may be shown. */
  readonly redact: (text: string) => string;
  readonly clock: Clock;
}

/** Milliseconds for which a reading of usage is good enough for whoever asks next. */
const usageAge = 5_000;

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
  let reading: { readonly at: number; readonly usage: Promise<readonly AgentUsage[]> } | undefined;
  let rendering: Promise<unknown> = Promise.resolve();

  const usage = (): Promise<readonly AgentUsage[]> => {
    const at = clock.now();
    if (!reading || at - reading.at > usageAge) {
      reading = { at, usage: options.usageOf(view.agents().map(({ agent }) => agent)) };
    }
    return reading.usage;
  };
  const render = async (): Promise<string> => {
    const measured = await usage();
    const rendered = rendering.then(() => metrics.render({ agents: view.agents(), usage: measured, status }));
    rendering = rendered.catch(() => undefined);
    return rendered;
  };

  const served = await serveMonitor(options.listen, {
    metrics: async () => ({ contentType: metrics.contentType, text: await render() }),
    notReady: () => (status.synced ? undefined : options.redact(status.last?.message ?? 'no run has ended well yet')),
    status: async () => {
      const agents = view.agents().map(describe);
      const document = { formatVersion: reportFormatVersion, type: 'watch-status', workspace, version, since };
      return redactTexts(toDocument({ ...document, ...status, agents }), options.redact);
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
