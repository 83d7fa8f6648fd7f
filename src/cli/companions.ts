import { hostname } from 'node:os';
import { openEventFile } from '../apply/event-file.ts';
import { scalingFiles } from '../apply/scaling-files.ts';
import { isSuspended, readSuspension } from '../apply/suspension.ts';
import type { AgentEvent } from '../model/agent-event.ts';
import type { DriverName } from '../model/agent.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ObservedResource } from '../model/observed.ts';
import { toAgentSpec } from '../model/spec.ts';
import { toDocument } from '../report/document.ts';
import { redactTexts } from '../report/redact.ts';
import { readEdges } from '../runtime/edges.ts';
import { listAgents } from '../runtime/list-agents.ts';
import { readUsages } from '../runtime/sample-usage.ts';
import { watchOverview } from '../runtime/watch-overview.ts';
import type { Workspace } from '../runtime/workspace.ts';
import { systemClock } from '../util/clock.ts';
import { err, ok, type Result } from '../util/result.ts';
import type { Companion, WatchView } from '../watch/companion.ts';
import { agentEventsOf } from '../watch/event-log.ts';
import type { WatchSink } from '../watch/watch-event.ts';
import type { CommandContext } from './context.ts';
import { version } from './version.ts';
import type { WatchOptions } from './watch-options.ts';

/** What a companion is made with. The workspace is open, and its drivers with it, for as long as the watch goes on. */
export interface CompanionGround {
  readonly context: CommandContext;
  readonly workspace: Workspace;
  readonly options: WatchOptions;
  readonly view: WatchView;
  readonly emit: WatchSink;
}

/** All that works beside the sync loop of this watch; the error says which of it cannot. */
export async function openCompanions(ground: CompanionGround): Promise<Result<readonly Companion[], Diagnostic>> {
  const opened: Companion[] = [];
  for (const open of [openEventLog, openNotifications, openMonitoring, openAutoscaler]) {
    const result = await open(ground);
    if (!result.ok) return result;
    opened.push(...result.value);
  }
  return ok(opened);
}

type Opened = Promise<Result<readonly Companion[], Diagnostic>>;

/** What `aac events` tells of a watch; of commands that check health engines tell themselves. */
async function openEventLog({ context, workspace, view }: CompanionGround): Opened {
  const { terminal } = context;
  const file = openEventFile(workspace.stateFolder);
  const engines = new Set<DriverName>();
  for (const name of workspace.drivers.names) {
    const driver = await workspace.drivers.open(name);
    if (driver?.restarts === 'engine') engines.add(name);
  }
  const isToldByEngine = ({ driver, record }: ObservedResource): boolean =>
    engines.has(driver) && toAgentSpec(record.lastApplied).healthCheck?.type === 'command';
  return ok([
    {
      heard: (event) => {
        const noticed = agentEventsOf(event, systemClock.now(), view.agents(), isToldByEngine);
        if (noticed.length === 0) return;
        const shown = redactTexts(toDocument({ noticed }), (text) => terminal.redacted(text)) as {
          noticed: AgentEvent[];
        };
        file.append(shown.noticed).catch((error: unknown) => {
          terminal.error(
            `what happens cannot be written down: ${error instanceof Error ? error.message : String(error)}\n`,
          );
        });
      },
    },
  ]);
}

async function openMonitoring({ context, workspace, options, view }: CompanionGround): Opened {
  const { listen } = options;
  if (!listen) return ok([]);
  const { terminal, interruption } = context;
  const { openMonitor } = await import('../watch/monitor/monitor.ts');
  const monitor = await openMonitor({
    workspace: workspace.reading.project.workspace,
    version,
    listen,
    view,
    overview: () => watchOverview({ ...workspace, ...view.inForce() }, true),
    usageOf: async (agents) => readUsages(agents, workspace.drivers, interruption.drain),
    edgesOf: async (agents) => readEdges(agents, workspace.drivers, interruption.drain),
    redact: (text) => terminal.redacted(text),
    clock: systemClock,
  });
  if (!monitor.ok) {
    return err({
      code: 'invalid-argument',
      severity: 'error',
      message: `\`${listen.host}:${String(listen.port)}\` cannot be listened on: ${monitor.error}`,
      hint: 'name another address in `--listen`; port 0 takes any that is free',
    });
  }
  const { companion, url } = monitor.value;
  terminal.error(`metrics at ${url}/metrics${isLoopback(listen.host) ? '' : ', for all who can reach this address'}\n`);
  return ok([companion]);
}

async function openNotifications({ context, workspace }: CompanionGround): Opened {
  const { project, values } = workspace.reading;
  if (project.notify.length === 0) return ok([]);
  const { terminal } = context;
  const { createNotifier } = await import('../watch/notify/notifier.ts');
  const { postJson } = await import('../watch/notify/post-json.ts');
  const webhooks = [];
  for (const [index, { on, webhook }] of project.notify.entries()) {
    const url = await values.read({ from: 'interpolation', template: webhook });
    const parsed = url === undefined || !URL.canParse(url) ? undefined : new URL(url);
    if (url === undefined || !parsed || !/^https?:$/.test(parsed.protocol)) return err(noWebhook(index, webhook));
    webhooks.push({ on, url, shown: parsed.origin });
  }
  return ok([
    createNotifier({
      workspace: project.workspace,
      host: hostname(),
      webhooks,
      post: postJson,
      redact: (body) => redactTexts(body, (text) => terminal.redacted(text)),
      clock: systemClock,
      random: Math.random,
      say: (line) => terminal.error(`${line}\n`),
    }),
  ]);
}

async function openAutoscaler({ context, workspace, options, view, emit }: CompanionGround): Opened {
  if (options.dryRun) {
    const scaled = workspace.reading.agents.some(({ replicas }) => replicas.autoscaling);
    if (scaled) context.terminal.error('nothing is scaled in a dry run: autoscaled agents keep what they have\n');
    return ok([]);
  }
  const { createAutoscaler } = await import('../watch/autoscale/autoscaler.ts');
  return ok([
    createAutoscaler({
      declared: () => view.inForce()?.reading.agents,
      supervised: view.agents,
      list: (names, signal) => listAgents({ ...workspace, ...view.inForce() }, names, signal),
      left: async () => {
        const suspension = await readSuspension(workspace.stateFolder);
        return (agent) => (isSuspended(suspension, agent) ? 'suspended' : undefined);
      },
      drivers: workspace.drivers,
      memory: scalingFiles(workspace.stateFolder),
      clock: systemClock,
      interval: options.scaleInterval,
      say: (line) => context.terminal.error(`${line}\n`),
      emit,
    }),
  ]);
}

function noWebhook(index: number, template: string): Diagnostic {
  return {
    code: 'invalid-value',
    severity: 'error',
    message: `\`spec.notify[${String(index)}].webhook\` gives no \`https://\` address`,
    hint: template.includes('${')
      ? `set the variables in \`${template}\``
      : 'write one such as `https://example.com/hook`',
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
