import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/util/json.ts';
import { describeDocker } from '../support/docker.ts';
import { freePort } from '../support/free-port.ts';
import { createRig } from '../support/rig.ts';
import { connectTo, tlsOf } from './edge-clients.ts';
import { edgeOf } from './edge-load.ts';
import { openOutside } from './edge-outside.ts';
import { docker } from './engine-view.ts';
import { agentText } from './manifests.ts';

/** The value of a metric whose labels hold all of these. */
function valueOf(text: string, name: string, ...labels: readonly string[]): number | undefined {
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`));
  const line = lines.find((each) => labels.every((label) => each.includes(label)));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')));
}

/** The part of `aac inspect --format json` that is looked at. */
interface Inspected {
  readonly agents: readonly {
    readonly address: string;
    readonly edge?: { readonly open?: Readonly<Record<string, number>>; readonly routes?: object };
  }[];
}

/** What a script of Node says inside an agent. */
const said = (script: string): readonly string[] => [
  '--',
  'node',
  '-e',
  `const say=(t)=>{process.stdout.write(String(t));process.exit(0)};setTimeout(()=>say('NOTHING'),6000);${script}`,
];

describeDocker('what goes through an edge', () => {
  test('is shown by egress log and test, ps, inspect, events and metrics', async () => {
    await using outside = await openOutside();
    const { host, tls, dns } = outside;
    await using rig = createRig({
      docker: true,
      project: { edge: { image: 'aac-test/node:20', dns: [`${host}:${String(dns)}`] } },
    });
    const port = await freePort();
    const node = { image: 'aac-test/node:20', imagePullPolicy: 'Never', stop: { gracePeriod: '0s' } };
    const sleep = ['node', '-e', 'setInterval(() => {}, 1000)'];
    const closed = await freePort();
    const allowedHosts = [
      { host: 'api.test', port: tls, private: true },
      { host: '*.wild.test', port: closed, private: true },
      { host: 'inside.test', port: tls },
    ];
    const security = { allowExternalConnections: false, allowedHosts };
    rig.write({
      'agent.agent.yaml': agentText('agent', { ...node, command: sleep, network: { security } }),
      'shut.agent.yaml': agentText('shut', {
        ...{ ...node, command: sleep, network: { security: { allowExternalConnections: false } } },
      }),
      'web.agent.yaml': agentText('web', {
        ...{ ...node, replicas: 2, ports: [{ container: 8080, host: port }] },
        command: ['node', '-e', "require('net').createServer((s) => s.write('hello')).listen(8080)"],
      }),
    });

    const missing = await rig.aac('egress', 'test', 'agent', 'api.test');
    expect([missing.exitCode, missing.all]).toEqual([1, expect.stringContaining('which alone would let')]);
    const applied = await rig.apply();
    expect(applied.all).toContain(`agent/web  http://127.0.0.1:${String(port)}`);

    const target = `api.test:${String(tls)}`;
    const tests: readonly (readonly [agent: string, target: string, code: number, told: string])[] = [
      ['agent', target, 0, `allowed: agent reaches ${target} at ${host} (\`api.test\` allows it)`],
      ['agent', `a.wild.test:${String(closed)}`, 2, 'but nothing answers there'],
      ['agent', 'other.test', 2, 'denied: agent may not reach other.test:443: not in the list of allowed hosts'],
      ['agent', `${host}:${String(tls)}`, 2, 'not a host name: addresses are not allowed'],
      ['agent', `inside.test:${String(tls)}`, 2, `${host} is a private address`],
      ['shut', 'api.test', 2, 'it has no way out at all'],
      ['web', 'api.test', 0, 'web may reach everything'],
      ['wab', 'api.test', 1, 'there is no agent `wab`'],
    ];
    for (const [agent, where, exitCode, told] of tests) {
      const tested = await rig.aac('egress', 'test', agent, where);
      expect({ where, ...tested }).toMatchObject({ where, exitCode, all: expect.stringContaining(told) as string });
    }
    const document = JSON.parse(
      (await rig.aac('egress', 'test', 'agent', target, '--format', 'json')).stdout,
    ) as object;
    expect(document).toMatchObject({ type: 'egress-test', verdict: 'allowed', reachable: true, address: host });
    expect((await rig.aac('egress', 'log')).all).toBe(''); // nobody has gone anywhere yet

    const following = rig.begin('egress', 'log', '-f', 'agent');
    const events = rig.begin('events', 'agent', '--since', '10m', '--format', 'jsonl');
    expect((await rig.aac('exec', 'agent', ...said(tlsOf('api.test', tls)))).stdout).toBe('secure');
    await rig.aac('exec', 'agent', ...said(connectTo(`other.test:${String(tls)}`, 'other.test')));
    await rig.aac('exec', 'agent', ...said(connectTo(`other.test:${String(tls)}`, 'other.test')));
    await following.until(
      /agent +allowed +api\.test:\d+ +tls +to .*\n(?:.*agent +denied +other\.test:\d+ +connect .*\n){2}/,
    );
    following.signal('SIGINT');
    expect(await following.ended).toMatchObject({ exitCode: 0 });
    await events.until(/"event":"egress-denied","host":"other\.test"/);
    events.signal('SIGINT');
    await events.ended;

    const denied = await rig.aac('egress', 'log', '--denied', '--tail', '1', '--format', 'json');
    expect(JSON.parse(denied.stdout)).toMatchObject({
      type: 'egress-log',
      decisions: [{ agent: 'agent', verdict: 'denied', host: 'other.test', port: tls, via: 'connect' }],
    });
    const lines = (await rig.aac('egress', 'log', '--format', 'jsonl')).stdout.trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as JsonObject).verdict)).toEqual(['allowed', 'denied', 'denied']);

    const client = connect(port, '127.0.0.1');
    await once(client, 'data'); // stays open while it is looked at
    const rows = JSON.parse((await rig.aac('ps', '--format', 'json')).stdout) as { agents: JsonObject[] };
    const shown = `0.0.0.0:${String(port)}->8080/tcp`;
    expect(rows.agents.map(({ address, ports, edgePorts }) => [address, ports, edgePorts])).toEqual([
      ['agent/agent/0', [], undefined],
      ['edge/edge', [`0.0.0.0:${String(port)}->${String(port)}/tcp`], undefined],
      ['agent/shut/0', [], undefined],
      ['agent/web/0', [], [shown]],
      ['agent/web/1', [], [shown]],
    ]);
    expect((await rig.aac('ps')).stdout).toContain(`${shown} (edge)`);

    const inspected = JSON.parse((await rig.aac('inspect', '--format', 'json')).stdout) as Inspected;
    const sections = new Map(inspected.agents.map(({ address, edge }) => [address, edge]));
    expect(sections.get('edge/edge')).toMatchObject({ type: 'itself', status: { failures: {} } });
    expect(sections.get('agent/agent/0')).toMatchObject({ type: 'behind', routes: {}, out: { denied: 2 } });
    expect(sections.get('agent/shut/0')).toBeUndefined();
    const webs = [sections.get('agent/web/0'), sections.get('agent/web/1')];
    expect(webs[0]?.routes).toMatchObject({ [`${String(port)}/tcp`]: { connections: 1, received: 5 } });
    expect(webs.flatMap((section) => Object.values(section?.open ?? {})).sort()).toEqual([0, 1]);

    const watch = rig.begin('watch', '--listen', '127.0.0.1:0');
    await watch.until(/metrics at http:\S+\/metrics/);
    const [, url = ''] = /metrics at (http:\S+)/.exec(watch.printed()) ?? [];
    const read = async (): Promise<string> => (await fetch(url)).text();
    await expect
      .poll(async () => valueOf(await read(), 'aac_edge_denied_total', 'agent="agent"'), { timeout: 30_000 })
      .toBe(2);
    const text = await read();
    const route = `route="${String(port)}/tcp"`;
    expect(valueOf(text, 'aac_edge_connections_total', route)).toBe(1);
    expect(valueOf(text, 'aac_edge_bytes_total', route, 'direction="received"')).toBe(5);
    expect(valueOf(text, 'aac_edge_bytes_total', 'agent="agent"', 'direction="received"')).toBeGreaterThan(100);
    const open = ['0', '1'].map((index) =>
      valueOf(text, 'aac_edge_open_connections', 'agent="web"', `replica="${index}"`),
    );
    expect(open.sort()).toEqual([0, 1]);
    watch.signal('SIGTERM');
    await watch.ended;
    client.destroy();

    const [edge] = await edgeOf(rig);
    const { Id: id = '' } = edge ?? {};
    await docker().getNetwork(`${rig.workspace}-egress-agent`).disconnect({ Container: id });
    const drift = await rig.aac('drift');
    expect([drift.exitCode, drift.all]).toEqual([2, expect.stringContaining('- network.also.egress-agent')]);

    await docker().getContainer(id).stop({ t: 0 });
    const stopped = await rig.aac('egress', 'test', 'agent', target);
    expect([stopped.exitCode, stopped.all]).toEqual([1, expect.stringContaining('the edge does not run')]);
    const log = await rig.aac('egress', 'log');
    expect([log.exitCode, log.stderr]).toEqual([0, expect.stringContaining('the edge does not run')]);
    expect(log.stdout.trim().split('\n')).toHaveLength(3);
  });
});
