import { expect, test } from 'vitest';
import { emptyDocument } from '../../src/edge/store.ts';
import type { Address } from '../../src/model/address.ts';
import type { EdgeStatus } from '../../src/model/edge.ts';
import { edgeSection } from '../../src/runtime/edge-traffic.ts';
import { err, ok } from '../../src/util/result.ts';
import { observed } from '../report/samples.ts';

const edge = observed('edge/edge');
const replica = (index: number, address: string, name: string) => ({
  ...observed(`agent/web/${String(index)}`),
  ...{ name, addresses: [address] },
});
const agents = [edge, replica(0, '10.0.0.2', 'web-0'), replica(0, '10.0.0.3', 'web-0-old'), observed('agent/db/0')];
const status: EdgeStatus = {
  document: {
    ...emptyDocument,
    routes: { '80/tcp': { group: 'web', port: 8080 }, '81/tcp': { group: 'api', port: 8080 } },
    clients: { web: { subnets: [], allow: [{ host: 'api.test' }], services: {} } },
  },
  routes: { '80/tcp': { connections: 5, sent: 1, received: 2 }, '81/tcp': { connections: 9, sent: 9, received: 9 } },
  open: { web: { '10.0.0.2': 2, '10.0.0.3': 1, '10.0.0.9': 7 }, api: { '10.0.0.2': 4 } },
  unwell: {},
  clients: { web: { connections: 3, sent: 30, received: 40, denied: 1 } },
  failures: {},
};
const section = (address: string) => edgeSection(address as Address, [{ edge, status: ok(status) }], agents);

test('a replica has the routes of its agent, its own open connections and what its agent did outside', () => {
  expect(section('agent/web/0')).toEqual({
    type: 'behind',
    routes: { '80/tcp': { group: 'web', port: 8080, connections: 5, sent: 1, received: 2 } },
    open: { 'web-0': 2, 'web-0-old': 1 },
    out: { allow: [{ host: 'api.test' }], services: {}, connections: 3, sent: 30, received: 40, denied: 1 },
  });
  expect(section('agent/db/0')).toBeUndefined();
  expect(section('run/web')).toBeUndefined();
});

test('the edge has its whole status, and one that does not answer says so at itself alone', () => {
  expect(section('edge/edge')).toEqual({ type: 'itself', status });
  const silent = [{ edge, status: err({ code: 'timeout', retry: 'terminal', message: 'no answer' } as const) }];
  expect(edgeSection('edge/edge' as Address, silent, agents)).toEqual({ type: 'silent', message: 'no answer' });
  expect(edgeSection('agent/web/0' as Address, silent, agents)).toBeUndefined();
});
