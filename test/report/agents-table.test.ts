import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { agentAddress, runAddress } from '../../src/model/address.ts';
import {
  agentRow,
  agentsJson,
  byAddress,
  formatAgents,
  formatUrls,
  missingRow,
  urls,
} from '../../src/report/agents-table.ts';
import { plainStyle } from '../../src/report/style.ts';
import { displayWidth } from '../../src/report/text.ts';
import { expectGolden } from '../support/golden.ts';
import { controls, hostile, pretty } from './hostile.ts';
import { observed } from './samples.ts';

const now = Date.UTC(2026, 0, 2, 4, 30);
const both = (host: number) => [
  { port: '8080/tcp', host, hostIp: '0.0.0.0' },
  { port: '8080/tcp', host, hostIp: '::' },
];
const web = observed('agent/web/0', { published: both(8080) });
const agents = [
  observed('agent/chat/0', { phase: 'exited', exitCode: 137, health: 'none', restarts: 4 }),
  observed('agent/job/0', { driver: 'process', phase: 'exited', exitCode: 0, health: 'none' }),
  web,
  observed('agent/web/10', { health: 'starting', published: [{ port: '8080/tcp', host: 8090, hostIp: '127.0.0.1' }] }),
  observed('agent/web/2', { health: 'unhealthy', phase: 'restarting', startedAt: '2026-01-02T04:29:48Z', restarts: 2 }),
  {
    ...observed('run/adhoc', { published: [{ port: '53/udp', host: 53, hostIp: '::1' }] }),
    address: runAddress('adhoc'),
  },
];
const rows = agents.map((agent) => agentRow(agent, now));

describe('the table of agents', () => {
  it('lines up what runs, in which state, since when and where', () => {
    expectGolden('report/agents-table/wide.txt', formatAgents(rows, { style: plainStyle, width: 120 }));
  });

  it('cuts images, then ports, to stay within the terminal', () => {
    const image = 'registry.example.com/team/with/a/long/path/web-frontend:2026-01-02T03-04-05';
    const long = rows.map((row) => ({ ...row, image }));
    const text = formatAgents(long, { style: plainStyle, width: 90 });
    expectGolden('report/agents-table/narrow.txt', text);
    expect(Math.max(...text.split('\n').map(displayWidth))).toBeLessThanOrEqual(90);
  });

  it('shows what is declared and does not stand, in its place', () => {
    const missing = missingRow({ address: agentAddress('web', 1), driver: 'docker', image: 'web:1' });
    const text = formatAgents(byAddress([...rows, missing]), { style: plainStyle, width: 120 });
    const lines = text.split('\n').map((line) => line.split(/ +/).slice(0, 4).join(' '));
    expect(lines).toContain('web 1 docker missing');
    expect(lines.indexOf('web 1 docker missing')).toBe(lines.indexOf('web 0 docker running') + 1);
  });

  it('colours states and health', () => {
    expectGolden('report/agents-table/colours.txt', formatAgents(rows, { style: pc.createColors(true), width: 120 }));
  });

  it('leaves a column out that nobody has', () => {
    const { image: _image, ...row } = agentRow(observed('agent/a/0'), now);
    expect(formatAgents([row], { style: plainStyle })).not.toMatch(/IMAGE|PORTS/);
  });

  it("says in the driver's own words why an agent ended, and cuts them short", () => {
    const row = agentRow(observed('agent/a/0', { phase: 'exited', exitCode: 137, detail: 'memory limit' }), now);
    expect(formatAgents([row], { style: plainStyle })).toContain('exited (137): memory limit ');
    expect(agentsJson([row])).toMatchObject({ agents: [{ detail: 'memory limit' }] });
    const long = formatAgents([{ ...row, detail: 'why '.repeat(100) }], { style: plainStyle });
    expect(Math.max(...long.split('\n').map(displayWidth))).toBeLessThanOrEqual(160);
  });

  it('shows an ended agent as waiting for its restart, or as given up, with the code of its end', () => {
    const supervision = { format: 1, ref: '', life: '', restarts: 2, streak: 2, failures: [], health: 'none' } as const;
    const crashed = observed('agent/a/0', { phase: 'exited', exitCode: 3 });
    const because = 'exited with code 3';
    const waiting = agentRow(
      { ...crashed, supervision: { ...supervision, state: { type: 'waiting', until: 0, because } } },
      0,
    );
    const failed = agentRow({ ...crashed, supervision: { ...supervision, state: { type: 'failed', because } } }, 0);
    expect(formatAgents([waiting, failed], { style: plainStyle })).toMatch(/ waiting \(3\) .*\n.* failed \(3\) /);
    expect(agentsJson([failed])).toMatchObject({ agents: [{ supervision: { state: 'failed', because } }] });
  });

  it('says so when there are none', () => {
    expect(formatAgents([], { style: plainStyle })).toBe('No agents.\n');
  });

  it('does not let a name, port or image break the terminal', () => {
    for (const text of Object.values(hostile)) {
      const row = { ...agentRow(web, now), agent: text, image: text, ports: [text] };
      expect(formatAgents([row], { style: plainStyle })).not.toMatch(controls);
    }
  });

  it('has the same rows for programs', () => {
    expectGolden('report/agents-table/agents.json', pretty(agentsJson(rows)));
  });

  it('gives no age when nobody knows one', () => {
    const { startedAt: _startedAt, ...unknown } = web;
    expect(agentRow(unknown, now)).not.toHaveProperty('age');
    expect(agentRow({ ...unknown, createdAt: '2026-01-02T04:00:00Z' }, now).age).toBe(1_800_000);
  });
});

describe('the urls of agents', () => {
  it('are the published tcp ports of what runs, once each, in order', () => {
    expect(urls(agents)).toEqual([
      { address: 'agent/web/0', port: '8080/tcp', url: 'http://127.0.0.1:8080' },
      { address: 'agent/web/10', port: '8080/tcp', url: 'http://127.0.0.1:8090' },
    ]);
    expect(formatUrls(agents, { style: plainStyle })).toBe(
      '  agent/web/0   http://127.0.0.1:8080\n  agent/web/10  http://127.0.0.1:8090\n',
    );
  });

  it('put replicas and ports in the order of their numbers', () => {
    const replicas = [10, 2].map((index) => observed(`agent/web/${String(index)}`, { published: both(8000 + index) }));
    expect(urls(replicas).map(({ address }) => address)).toEqual(['agent/web/2', 'agent/web/10']);
    const ports = [10_000, 9000].map((host) => ({ port: `${String(host)}/tcp`, host, hostIp: '::1' }));
    expect(urls([observed('agent/a/0', { published: ports })]).map(({ url }) => url)).toEqual([
      'http://[::1]:9000',
      'http://[::1]:10000',
    ]);
  });

  it('are nothing where nothing is published', () => {
    expect(formatUrls([observed('agent/a/0')], { style: plainStyle })).toBe('');
  });
});
