import { Counter, Gauge, type Registry } from 'prom-client';
import { parseAddress } from '../../model/address.ts';
import type { EdgeTraffic } from '../../model/edge.ts';
import type { ObservedResource } from '../../model/observed.ts';
import { openConnections } from '../../runtime/edge-traffic.ts';
import type { EdgeReading } from '../../runtime/edges.ts';

/** The metrics of edges; they count themselves, from their start on, so each reading replaces the one before. */
export interface EdgeMetrics {
  /** Takes what edges say now; one that does not answer has no metrics. */
  set(readings: readonly EdgeReading[], agents: readonly ObservedResource[]): void;
}

/** Registers the metrics of edges: of routes what comes in, of agents what goes out. */
export function createEdgeMetrics(registry: Registry): EdgeMetrics {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Counter<Label>({ name, help, labelNames: [...labelNames], registers });
  const connections = counter(
    'aac_edge_connections_total',
    'Connections through the edge since it started: to a route, or of an agent to the outside.',
    ['route', 'agent'],
  );
  const bytes = counter(
    'aac_edge_bytes_total',
    'Bytes through the edge since it started, as seen by whoever connected: to a route, or of an agent to the outside.',
    ['route', 'agent', 'direction'],
  );
  const denied = counter('aac_edge_denied_total', 'Ways out that the edge refused to an agent since it started.', [
    'agent',
  ]);
  const open = new Gauge({
    name: 'aac_edge_open_connections',
    help: 'Connections that a replica has through the edge now.',
    labelNames: ['agent', 'replica'],
    registers,
  });
  const count = (labels: { readonly route: string } | { readonly agent: string }, traffic: EdgeTraffic): void => {
    connections.inc(labels, traffic.connections);
    bytes.inc({ ...labels, direction: 'sent' }, traffic.sent);
    bytes.inc({ ...labels, direction: 'received' }, traffic.received);
  };

  return {
    set: (readings, agents) => {
      for (const metric of [connections, bytes, denied, open]) metric.reset();
      for (const { status } of readings) {
        if (!status.ok) continue;
        for (const [route, traffic] of Object.entries(status.value.routes)) count({ route }, traffic);
        for (const [agent, { denied: refused, ...traffic }] of Object.entries(status.value.clients)) {
          count({ agent }, traffic);
          denied.inc({ agent }, refused);
        }
        for (const { group, replica, id, count: connected } of openConnections(status.value, agents)) {
          const index = replica && parseAddress(replica.address)?.index;
          open.inc({ agent: group, replica: index === undefined ? id : String(index) }, connected);
        }
      }
    },
  };
}
