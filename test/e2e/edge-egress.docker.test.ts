import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { certificateFor } from '../edge/rig.ts';
import { describeDocker } from '../support/docker.ts';
import { createRig, type Rig } from '../support/rig.ts';
import { docker } from './engine-view.ts';
import { agentText } from './manifests.ts';
import { containersOf } from './rolling.ts';

// The outside is this very machine, as the engine's bridge reaches it: an address that is private, and is declared so.
let host: string;
let tls: number;
let http: number;
let dns: number;
const closers: (() => void)[] = [];

describeDocker('an agent with a restricted way out', () => {
  beforeAll(async () => {
    const bridge = (await docker().getNetwork('bridge').inspect()) as { IPAM: { Config: { Gateway: string }[] } };
    host = bridge.IPAM.Config[0]?.Gateway ?? '';
    const secure = createTlsServer(await certificateFor('api.test'), (_, response) => response.end('secure'));
    const plain = createServer((_, response) => response.end('plain'));
    for (const server of [secure, plain]) {
      server.listen(0, '0.0.0.0');
      await once(server, 'listening');
      closers.push(() => server.close());
    }
    [tls, http] = [secure, plain].map((server) => (server.address() as AddressInfo).port) as [number, number];
    const names = createSocket('udp4');
    names.on('message', (query, { port, address }) => names.send(answerTo(query, host), port, address));
    names.bind(0, host); // answers have to come from where they were asked for
    await once(names, 'listening');
    closers.push(() => names.close());
    dns = names.address().port;
  });
  afterAll(() => closers.forEach((close) => close()));

  test('reaches what is allowed, by any client, and nothing else in any way', async () => {
    await using rig = createRig({
      docker: true,
      project: { edge: { image: 'aac-test/node:20', dns: [`${host}:${String(dns)}`] } },
    });
    const sleep = ['node', '-e', 'setInterval(() => {}, 1000)'];
    const node = { image: 'aac-test/node:20', imagePullPolicy: 'Never', command: sleep, stop: { gracePeriod: '0s' } };
    rig.write({
      'agent.agent.yaml': agentText('agent', {
        ...node,
        network: {
          security: {
            allowExternalConnections: false,
            allowedHosts: [
              { host: 'api.test', port: tls, private: true },
              { host: 'api.test', port: http, private: true },
              { host: 'inside.test', port: tls },
              { host: '*.wild.test', port: tls, private: true },
            ],
          },
        },
      }),
      'shut.agent.yaml': agentText('shut', { ...node, network: { security: { allowExternalConnections: false } } }),
      'free.agent.yaml': agentText('free', {
        ...node,
        command: ['node', '-e', "require('net').createServer((s) => s.end('sibling')).listen(9000)"],
      }),
    });
    const plan = await rig.aac('plan');
    expect(plan.all).toContain('edge/edge');
    await rig.apply();
    const again = await rig.aac('plan', '--detailed-exitcode');
    expect(again.exitCode, again.all).toBe(0);

    const tlsOf = (name: string, port = tls) =>
      `require('https').get({host:'${name}',port:${String(port)},rejectUnauthorized:false,agent:false},r=>r.on('data',d=>say(String(d)))).on('error',e=>say(e.code))`;
    const connectTo = (target: string, servername: string) =>
      `require('http').request({host:'egress',port:3128,method:'CONNECT',path:'${target}'}).on('connect',(r,s)=>{if(r.statusCode!==200)return say(r.statusCode);` +
      `const t=require('tls').connect({socket:s,servername:'${servername}',rejectUnauthorized:false},()=>t.write('GET / HTTP/1.0\\r\\n\\r\\n'));` +
      `t.on('data',d=>say(/secure/.test(d)?'secure':d)).on('error',e=>say(e.code)).on('close',()=>say('closed'))}).on('error',e=>say(e.code)).end()`;
    const httpTo = (options: string) =>
      `require('http').get({${options}},r=>{let t='';r.on('data',d=>t+=d).on('end',()=>say(r.statusCode+' '+t))}).on('error',e=>say(e.code))`;
    const tcpTo = (address: string, port: number) =>
      `require('net').connect({host:'${address}',port:${String(port)},timeout:1500}).on('connect',()=>say('CONNECTED')).on('error',e=>say(e.code)).on('timeout',()=>say('TIMEOUT'))`;
    const udpTo = (address: string, port: number) =>
      `const s=require('dgram').createSocket('udp4');s.on('message',()=>say('ANSWERED')).on('error',e=>say(e.code));s.send(Buffer.from('aaaa01000001000000000000036170690474657374000001 0001'.replace(' ',''),'hex'),${String(port)},'${address}',e=>e&&say(e.code));setTimeout(()=>say('TIMEOUT'),1500)`;
    const nameOf = (name: string) => `require('dns').lookup('${name}',(e,a)=>say(e?e.code:a))`;

    const allowed: readonly (readonly [string, string, string])[] = [
      ['TLS that knows no proxy', tlsOf('api.test'), 'secure'],
      ['CONNECT', connectTo(`api.test:${String(tls)}`, 'api.test'), 'secure'],
      ['CONNECT by a wildcard', connectTo(`a.wild.test:${String(tls)}`, 'a.wild.test'), 'secure'],
      ['plain HTTP that knows no proxy', httpTo(`host:'api.test',port:${String(http)}`), '200 plain'],
      [
        'plain HTTP through the proxy',
        httpTo(
          `host:'egress',port:3128,path:'http://api.test:${String(http)}/',headers:{host:'api.test:${String(http)}'}`,
        ),
        '200 plain',
      ],
    ];
    for (const [what, script, answer] of allowed)
      expect([what, await run(rig, 'agent', script)]).toEqual([what, answer]);

    const [edge, free, own] = (await Promise.all(
      ['edge/edge', 'agent/free/0', 'agent/agent/0'].map((address) => addressesOf(rig, address)),
    )) as [Addresses, Addresses, Addresses];
    const elsewhere = [...edge].flatMap(([network, address]) => (own.has(network) ? [] : [address]));
    expect(elsewhere.length).toBeGreaterThan(0);
    const refused: readonly (readonly [string, string])[] = [
      ['TCP to the machine', tcpTo(host, tls)],
      ['TCP to the outside', tcpTo('1.1.1.1', 443)],
      ['TCP over IPv6', tcpTo('2606:4700:4700::1111', 443)],
      ['UDP to the machine', udpTo(host, dns)],
      ['the metadata service', tcpTo('169.254.169.254', 80)],
      ...[...free.values()].map((address) => ['a sibling that was not declared', tcpTo(address, 9000)] as const),
      ...elsewhere.map((address) => ['the edge where others reach it', tcpTo(address, 3128)] as const),
      ['a sibling by name through the proxy', connectTo('free:9000', 'free')],
      ['a host that is not in the list', connectTo(`other.test:${String(tls)}`, 'other.test')],
      ['CONNECT to an address', connectTo(`${host}:${String(tls)}`, 'api.test')],
      ['another name in the handshake', connectTo(`api.test:${String(tls)}`, 'other.test')],
      ['an allowed name that leads to a private address', connectTo(`inside.test:${String(tls)}`, 'inside.test')],
      ['the same without a proxy', tlsOf('inside.test')],
      [
        'a Host that differs',
        httpTo(`host:'egress',port:3128,path:'http://api.test:${String(http)}/',headers:{host:'other.test'}`),
      ],
      [
        'plain HTTP to a host that is not in the list',
        httpTo(`host:'api.test',port:${String(http)},headers:{host:'other.test:${String(http)}'}`),
      ],
      ['a name of the outside', nameOf('other.test')],
      ['a tunnel of names', nameOf('secret.data.evil.test')],
    ];
    const reached = /secure|plain|CONNECTED|ANSWERED|sibling|^200|^\d+\.\d+\.\d+/;
    for (const [what, script] of refused) {
      const answer = await run(rig, 'agent', script);
      expect(reached.test(answer) ? `${what}: ${answer}` : 'refused').toBe('refused');
    }
    for (const script of [tcpTo(host, tls), tcpTo('1.1.1.1', 443), nameOf('api.test'), tcpTo('egress', 3128)]) {
      expect(await run(rig, 'shut', script)).not.toMatch(reached);
    }
    expect(await run(rig, 'free', tcpTo(host, tls))).toBe('CONNECTED'); // the rig could tell

    const log = await rig.aac('logs', 'edge');
    const lines = log.all
      .split('\n')
      .flatMap((line) => (line.includes('"verdict"') ? [line.slice(line.indexOf('{'))] : []));
    const verdicts = lines.map((line) => JSON.parse(line) as { agent: string; verdict: string });
    expect(new Set(verdicts.map(({ agent, verdict }) => `${agent} ${verdict}`))).toEqual(
      new Set(['agent allowed', 'agent denied']),
    );
  });
});

/** What a script says inside an agent, by calling `say` once. */
async function run(rig: Rig, agent: string, script: string): Promise<string> {
  const [container] = await containersOf(rig, agent);
  const whole = `const say=(t)=>{process.stdout.write(String(t));process.exit(0)};setTimeout(()=>say('NOTHING'),6000);${script}`;
  const exec = await docker()
    .getContainer(container?.Id ?? '')
    .exec({ Cmd: ['node', '-e', whole], AttachStdout: true, Tty: true });
  const stream = await exec.start({ Tty: true });
  let text = '';
  stream.on('data', (data: Buffer) => (text += data.toString()));
  await once(stream, 'end');
  return text.trim();
}

/** Network → address there. */
type Addresses = ReadonlyMap<string, string>;

async function addressesOf(rig: Rig, address: string): Promise<Addresses> {
  const all = await docker().listContainers({ filters: { label: [`dev.aac.workspace=${rig.workspace}`] } });
  const found = all.find(({ Labels }) => Labels['dev.aac.address'] === address);
  const networks = Object.entries(found?.NetworkSettings.Networks ?? {});
  return new Map(networks.map(([network, { IPAddress }]) => [network, IPAddress]));
}

/** The answer of a name server that knows one address for every name. */
function answerTo(query: Buffer, address: string): Buffer {
  let end = 12;
  while ((query[end] ?? 0) !== 0) end += (query[end] ?? 0) + 1;
  const question = query.subarray(12, end + 5);
  const isA = query.readUInt16BE(end + 1) === 1;
  const head = Buffer.concat([query.subarray(0, 2), Buffer.from([0x81, 0x80, 0, 1, 0, isA ? 1 : 0, 0, 0, 0, 0])]);
  const answer = Buffer.concat([
    Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4]),
    Buffer.from(address.split('.').map(Number)),
  ]);
  return Buffer.concat([head, question, ...(isA ? [answer] : [])]);
}
