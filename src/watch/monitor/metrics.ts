import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { parseAddress } from '../../model/address.ts';
import type { ObservedResource } from '../../model/observed.ts';
import { isRunning } from '../../model/version.ts';
import type { EdgeReading } from '../../runtime/edges.ts';
import type { AgentUsage } from '../../runtime/sample-usage.ts';
import type { Supervised } from '../companion.ts';
import type { WatchEvent } from '../watch-event.ts';
import { createEdgeMetrics } from './edge-metrics.ts';
import type { WatchStatus } from './watch-status.ts';

/** What is looked at when somebody asks for metrics. */
export interface MetricsReading {
  readonly agents: readonly Supervised[];
  readonly usage: readonly AgentUsage[];
  readonly edges: readonly EdgeReading[];
  readonly status: WatchStatus;
}

/** The metrics of one watch, in Prometheus' text format. */
export interface WatchMetrics {
  readonly contentType: string;
  /** Counts an event. */
  heard(event: WatchEvent): void;
  /** Everything, with the agents as they are now. Not to be called twice at once. */
  render(reading: MetricsReading): Promise<string>;
}

const agentLabels = ['agent', 'replica', 'driver'] as const;

/** Metrics in a registry of their own; `workspace` is a label of each. */
export function createWatchMetrics(workspace: string): WatchMetrics {
  const registry = new Registry();
  registry.setDefaultLabels({ workspace });
  const registers = [registry];
  const runs = new Counter({
    name: 'aac_reconciles_total',
    help: 'Runs that ended.',
    labelNames: ['result'],
    registers,
  });
  const durations = new Histogram({
    name: 'aac_reconcile_duration_seconds',
    help: 'How long a run took.',
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900],
    registers,
  });
  const changes = new Counter({
    name: 'aac_changes_total',
    help: 'Changes that runs carried out.',
    labelNames: ['action'],
    registers,
  });
  const drifts = new Counter({ name: 'aac_drifts_total', help: 'Times that a resource had drifted.', registers });
  const restarts = new Counter({
    name: 'aac_restarts_total',
    help: 'Restarts by the supervisor.',
    labelNames: ['agent'],
    registers,
  });
  const gauge = (name: string, help: string, labelNames: readonly string[] = []): Gauge =>
    new Gauge({ name, help, labelNames: [...labelNames], registers });
  const running = gauge('aac_reconcile_running', 'Whether a run goes on.');
  const succeeded = gauge('aac_last_reconcile_success', 'Whether the last run ended well.');
  const lastRun = gauge('aac_last_reconcile_timestamp_seconds', 'When the last run ended.');
  const pending = gauge('aac_pending_changes', 'Changes that are held back.');
  const drifted = gauge('aac_drifted_resources', 'Resources that have drifted and are not put right.');
  const gaveUp = gauge('aac_given_up_agents', 'Agents that are restarted no more.');
  const rolledBack = gauge('aac_rolled_back_agents', 'Agents that went back from a manifest whose rollout failed.');
  const replicas = gauge('aac_replicas', 'Replicas that run.', ['agent', 'driver']);
  const up = gauge('aac_agent_up', 'Whether the replica runs.', agentLabels);
  const healthy = gauge('aac_agent_healthy', 'Whether its health check is passed; only where it has one.', agentLabels);
  const restarted = gauge('aac_agent_restarts', 'How often it was started again.', agentLabels);
  const cpu = gauge('aac_agent_cpu_seconds', 'Processor time since it started.', agentLabels);
  const memory = gauge('aac_agent_memory_bytes', 'Its working set.', agentLabels);
  const memoryLimit = gauge('aac_agent_memory_limit_bytes', 'What it may use of memory.', agentLabels);
  const pids = gauge('aac_agent_pids', 'Its processes and threads.', agentLabels);
  const received = gauge('aac_agent_network_receive_bytes', 'Received since it started.', agentLabels);
  const sent = gauge('aac_agent_network_transmit_bytes', 'Sent since it started.', agentLabels);
  const read = gauge('aac_agent_disk_read_bytes', 'Read from disks since it started.', agentLabels);
  const written = gauge('aac_agent_disk_written_bytes', 'Written to disks since it started.', agentLabels);
  const ofAgents = [replicas, up, healthy, restarted, cpu, memory, memoryLimit, pids, received, sent, read, written];
  const ofEdges = createEdgeMetrics(registry);
  const ownCpu = gauge('process_cpu_seconds', 'Processor time of the watch itself.');
  const ownMemory = gauge('process_resident_memory_bytes', 'Resident memory of the watch itself.');

  function setStatus({
    running: run,
    last,
    pending: held,
    drifted: moved,
    gaveUp: lost,
    rolledBack: back,
  }: WatchStatus): void {
    running.set(run ? 1 : 0);
    if (last) {
      succeeded.set(last.status === 'reconciled' ? 1 : 0);
      lastRun.set(Date.parse(last.at) / 1000);
    }
    pending.set(held);
    drifted.set(moved.length);
    gaveUp.set(lost.length);
    rolledBack.set(back.length);
    const used = process.cpuUsage();
    ownCpu.set((used.user + used.system) / 1e6);
    ownMemory.set(process.memoryUsage.rss());
  }

  function setUsage({ agent, ...each }: AgentUsage): void {
    if (each.status !== 'measured') return;
    const labels = labelsOf(agent);
    const { usage } = each;
    cpu.set(labels, usage.cpu / 1e9);
    memory.set(labels, usage.memory);
    pids.set(labels, usage.pids);
    if (usage.memoryLimit !== undefined) memoryLimit.set(labels, usage.memoryLimit);
    if (usage.network) {
      received.set(labels, usage.network.received);
      sent.set(labels, usage.network.sent);
    }
    if (usage.io) {
      read.set(labels, usage.io.read);
      written.set(labels, usage.io.written);
    }
  }

  return {
    contentType: registry.contentType,
    heard: (event) => {
      switch (event.type) {
        case 'reconciled':
        case 'failed':
          runs.inc({ result: event.type });
          durations.observe(event.elapsed / 1000);
          if (event.type === 'reconciled') {
            for (const [action, count] of Object.entries(event.changed)) changes.inc({ action }, count);
          }
          break;
        case 'drift':
          drifts.inc(event.drift.length);
          break;
        case 'restarted':
          restarts.inc({ agent: parseAddress(event.address)?.name ?? event.address });
          break;
        case 'run-started':
        case 'healed':
        case 'unhealthy':
        case 'healthy':
        case 'gave-up':
        case 'suspended':
        case 'scaled':
        case 'rolled-back':
        case 'dependency-unwell':
        case 'waiting-for-window':
          break; // the status tells
      }
    },
    render: async ({ agents, usage, edges, status }) => {
      for (const each of ofAgents) each.reset();
      setStatus(status);
      for (const { agent, supervision } of agents) {
        const labels = labelsOf(agent);
        const isUp = isRunning(agent);
        up.set(labels, isUp ? 1 : 0);
        restarted.set(labels, Math.max(agent.restarts, supervision.restarts));
        replicas.inc({ agent: labels.agent, driver: labels.driver }, isUp ? 1 : 0);
        const { health } = supervision;
        if (health !== 'none') healthy.set(labels, health === 'healthy' ? 1 : 0);
      }
      usage.forEach(setUsage);
      ofEdges.set(
        edges,
        agents.map(({ agent }) => agent),
      );
      return registry.metrics();
    },
  };
}

function labelsOf({ address, driver }: ObservedResource): Record<(typeof agentLabels)[number], string> {
  const parts = parseAddress(address);
  return { agent: parts?.name ?? address, replica: String(parts?.index ?? 0), driver };
}
