import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { EdgeStatus } from '../../src/model/edge.ts';
import { emptyDocument } from '../../src/edge/store.ts';
import { createEdgeMetrics } from '../../src/watch/monitor/edge-metrics.ts';
import { err, ok } from '../../src/util/result.ts';
import { observed } from '../report/samples.ts';

const edge = observed('edge/edge');
const web = (index: number, address: string, name = `web-${String(index)}`) => ({
  ...observed(`agent/web/${String(index)}`),
  name,
  addresses: [address],
});
const status = (parts: Partial<EdgeStatus>): EdgeStatus => ({
  ...{ document: emptyDocument, routes: {}, open: {}, unwell: {}, clients: {}, failures: {} },
  ...parts,
});

async function rendered(registry: Registry): Promise<readonly string[]> {
  return (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

test('what edges count is told by route, agent and replica, and begins anew with the edge', async () => {
  const registry = new Registry();
  const metrics = createEdgeMetrics(registry);
  const agents = [edge, web(0, '10.0.0.2'), web(1, '10.0.0.3'), web(1, '10.0.0.4', 'web-1-old')];
  const first = status({
    routes: { '8080/tcp': { connections: 7, sent: 100, received: 200 } },
    open: { web: { '10.0.0.2': 2, '10.0.0.3': 1, '10.0.0.4': 3, '10.0.0.9': 1 } },
    clients: { agent: { connections: 4, sent: 10, received: 20, denied: 3 } },
  });
  metrics.set([{ edge, status: ok(first) }], agents);
  expect(await rendered(registry)).toEqual([
    'aac_edge_connections_total{route="8080/tcp"} 7',
    'aac_edge_connections_total{agent="agent"} 4',
    'aac_edge_bytes_total{route="8080/tcp",direction="sent"} 100',
    'aac_edge_bytes_total{route="8080/tcp",direction="received"} 200',
    'aac_edge_bytes_total{agent="agent",direction="sent"} 10',
    'aac_edge_bytes_total{agent="agent",direction="received"} 20',
    'aac_edge_denied_total{agent="agent"} 3',
    'aac_edge_open_connections{agent="web",replica="0"} 2',
    'aac_edge_open_connections{agent="web",replica="1"} 4',
    'aac_edge_open_connections{agent="web",replica="10.0.0.9"} 1',
  ]);
  metrics.set([{ edge, status: ok(status({ routes: { '8080/tcp': { connections: 1, sent: 0, received: 0 } } })) }], []);
  expect(await rendered(registry)).toContain('aac_edge_connections_total{route="8080/tcp"} 1');
  expect((await rendered(registry)).join()).not.toContain('denied');
});

test('an edge that does not answer has no metrics', async () => {
  const registry = new Registry();
  const silent = err({ code: 'timeout', retry: 'terminal', message: 'no answer' } as const);
  createEdgeMetrics(registry).set([{ edge, status: silent }], [edge]);
  expect(await rendered(registry)).toEqual([]);
});
