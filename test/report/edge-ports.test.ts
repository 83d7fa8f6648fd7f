import { describe, expect, it } from 'vitest';
import { edgeGiven, type EdgeDocument } from '../../src/model/edge.ts';
import type { ObservedResource } from '../../src/model/observed.ts';
import { agentRow, formatAgents, urls } from '../../src/report/agents-table.ts';
import { plainStyle } from '../../src/report/style.ts';
import { observed } from './samples.ts';

const routes: EdgeDocument['routes'] = {
  '80/tcp': { group: 'web', port: 8080 },
  '5353/udp': { group: 'echo', port: 53 },
};
const published = [
  { port: '80/tcp', host: 80, hostIp: '0.0.0.0' },
  { port: '80/tcp', host: 80, hostIp: '::' },
  { port: '5353/udp', host: 5353, hostIp: '127.0.0.1' },
];

function edgeWith(document: string): ObservedResource {
  const edge = observed('edge/edge', { published });
  const lastApplied = { ...edge.record.lastApplied, environment: { [edgeGiven.variable]: document } };
  return { ...edge, live: {}, record: { ...edge.record, lastApplied } };
}

const edge = edgeWith(JSON.stringify({ routes }));
const web = observed('agent/web/0');
const all = [edge, web, { ...observed('agent/web/1'), routed: false }, observed('agent/echo/0'), observed('run/web')];

describe('host ports that the edge holds', () => {
  it('are shown at the replicas that they lead to, and at the edge as its own', () => {
    const rows = all.map((agent) => agentRow(agent, 0, all));
    expect(rows.map(({ ports, edgePorts }) => [ports, edgePorts])).toEqual([
      [['0.0.0.0:80->80/tcp', '127.0.0.1:5353->5353/udp'], undefined],
      [[], ['0.0.0.0:80->8080/tcp']],
      [[], undefined],
      [[], ['127.0.0.1:5353->53/udp']],
      [[], undefined],
    ]);
    expect(formatAgents(rows.slice(1, 2), { style: plainStyle })).toContain('0.0.0.0:80->8080/tcp (edge)');
  });

  it('are urls of the agents, not of the edge', () => {
    expect(urls(all)).toEqual([{ address: 'agent/web', port: '8080/tcp', url: 'http://127.0.0.1:80' }]);
  });

  it('are those of the document that the edge has been given since it was made', () => {
    const document = JSON.stringify({ routes: { ...routes, '80/tcp': { group: 'web', port: 9090 } } });
    const changed = { ...edge, live: { environment: { [edgeGiven.variable]: document } } };
    expect(agentRow(web, 0, [changed, web]).edgePorts).toEqual(['0.0.0.0:80->9090/tcp']);
  });

  it.each(['', '{', '{}', 'null'])('are unknown where the record of the edge is `%s`', (document) => {
    const odd = edgeWith(document);
    expect(agentRow(web, 0, [odd, web])).not.toHaveProperty('edgePorts');
  });
});
