import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { createProcessDriver } from '../../src/drivers/process/process-driver.ts';
import { isEdge } from '../../src/model/address.ts';
import type { EdgeStatus } from '../../src/model/edge.ts';
import { eventually } from '../contract/stage.ts';
import { freePort } from '../support/free-port.ts';
import type { Rig } from '../support/rig.ts';
import { startLoad } from './edge-load.ts';
import type { SpecFields } from './manifests.ts';
import { namesOf, processWorld, showsProcesses } from './world.ts';

/** Answers with its version, and stops as a good server does: whoever is connected is asked to come again. */
const server = `
let stopping = false;
const answer = (request, response) => {
  if (stopping) response.setHeader('Connection', 'close');
  setTimeout(() => response.end(process.env.VERSION), 5);
};
if (process.env.VERSION !== 'broken') require('node:http').createServer(answer).listen(process.env.PORT, process.env.AAC_HOST);
else setInterval(() => {}, 1000);
process.on('SIGTERM', () => { stopping = true; setTimeout(() => process.exit(0), 500); });
`;

function web(version: string, port: number, fields: SpecFields = {}): string {
  return processWorld.agent('web', {
    command: ['node', '-e', server],
    environment: [{ name: 'VERSION', value: version }],
    replicas: 3,
    ports: [{ container: 80, host: port, hostIp: '127.0.0.1' }],
    healthCheck: { path: '/', port: 80, interval: '1s', startInterval: '100ms', timeout: '5s' },
    deployment: { progressDeadline: '60s' },
    stop: { gracePeriod: '5s' },
    ...fields,
  });
}

async function expectConverged(rig: Rig): Promise<void> {
  const plan = await rig.aac('plan', '--detailed-exitcode');
  expect(plan.exitCode, plan.all).toBe(0);
  expect((await namesOf(processWorld, rig)).filter((name) => name.startsWith('web/'))).toHaveLength(3);
}

/** The edge itself, below its latch. */
async function edgeOf(rig: Rig): Promise<number> {
  const found = await rig.aac(
    'exec',
    'edge',
    '--',
    'sh',
    '-c',
    'pgrep -f "[e]dge.js serve . $1" | tail -n 1',
    'sh',
    rig.state,
  );
  return Number(found.stdout);
}

/** What the edge says of itself. */
async function statusOf(rig: Rig): Promise<EdgeStatus> {
  await using driver = createProcessDriver({
    stateFolder: (workspace) => join(rig.state, workspace),
    environment: process.env,
  });
  const { signal } = new AbortController();
  const context = { workspace: rig.workspace, root: rig.folder };
  const observed = await driver.observe(context, { images: [], paths: [], namePrefix: '' }, signal);
  const edge = observed.ok ? observed.value.resources.find(({ address }) => isEdge(address)) : undefined;
  const answer = await driver.askEdge?.(edge?.ref ?? '', { op: 'status' }, signal);
  if (!answer?.ok || !answer.value.ok) throw new Error(JSON.stringify(answer));
  return answer.value.status;
}

/** Answers each connection with what came first on it. */
const echo = `require('node:net').createServer((socket) => {
  socket.on('error', () => {});
  socket.once('data', (data) => socket.end(data));
}).listen(process.env.PORT, process.env.AAC_HOST);`;

function echoing(port: number, proxyProtocol?: 'v1'): string {
  return processWorld.agent('echo', {
    command: ['node', '-e', echo],
    replicas: 2,
    ports: [{ container: 80, host: port, hostIp: '127.0.0.1', ...(proxyProtocol ? { proxyProtocol } : {}) }],
    healthCheck: { port: 80, interval: '1s', startInterval: '100ms', timeout: '5s' },
  });
}

/** What comes back for what is said to a port, and the port that it was said from. */
async function say(words: string, port: number): Promise<{ readonly answer: string; readonly from: number }> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const from = socket.localPort ?? 0;
  socket.write(words);
  return { answer: await text(socket), from };
}

describe.runIf(showsProcesses)('three local processes behind one host port', () => {
  test('answer through the edge and are replaced without a failed request', async () => {
    await using rig = processWorld.rig();
    const port = await freePort();
    rig.write({ 'web.agent.yaml': web('v1', port) });
    const plan = await rig.aac('plan');
    expect(plan.all).toMatch(/edge\/edge +will be created {2}# web\.agent\.yaml:\d+:\d+/);
    await rig.apply();
    await expectConverged(rig);

    await using load = startLoad(port);
    await load.answered('v1', 100);
    rig.write({ 'web.agent.yaml': web('v2', port) });
    await rig.apply();
    await load.answered('v2', 200);
    expect(load.failed).toEqual({});
    await expectConverged(rig);

    rig.write({ 'web.agent.yaml': web('broken', port, { deployment: { progressDeadline: '2s' } }) });
    const failed = await rig.aac('apply', '--auto-approve');
    expect(failed.exitCode, failed.all).toBe(1);
    expect(failed.all).toContain('what ran before was not touched');
    rig.write({ 'web.agent.yaml': web('v2', port) });
    await rig.apply();
    await expectConverged(rig);
    const traffic = (await statusOf(rig)).routes[`${String(port)}/tcp`];
    expect(traffic?.connections).toBeGreaterThan(200);
    expect(load.failed).toEqual({});
    expect(load.seen.broken).toBeUndefined();
  });

  test('answer again when the edge was killed, by the next apply or by a watch, and when the state is lost', async () => {
    await using rig = processWorld.rig();
    const port = await freePort();
    const answers = async (): Promise<string> => {
      const response = await fetch(`http://127.0.0.1:${String(port)}/`).catch(() => undefined);
      return (await response?.text()) ?? 'nobody';
    };
    rig.write({ 'web.agent.yaml': web('v1', port) });
    await rig.apply();
    process.kill(await edgeOf(rig), 'SIGKILL');
    await eventually(answers, (text) => text === 'nobody');
    await rig.apply();
    expect(await answers()).toBe('v1');
    await expectConverged(rig);

    const watch = rig.begin('watch');
    await watch.until(/in sync|watching/i);
    const killed = await edgeOf(rig);
    process.kill(killed, 'SIGKILL');
    await eventually(answers, (text) => text === 'v1');
    expect(await edgeOf(rig)).not.toBe(killed);
    watch.signal('SIGTERM');
    await watch.ended;

    rmSync(rig.state, { recursive: true });
    await expectConverged(rig);
    expect(await answers()).toBe('v1');
    await rig.aac('restart', 'edge');
    expect(await answers()).toBe('v1');
    rig.write({ 'web.agent.yaml': web('v2', port, { replicas: 1, deployment: { strategy: 'rolling' } }) });
    await rig.apply();
    expect(await answers()).toBe('v2');
    rig.write({ 'web.agent.yaml': web('v2', port, { replicas: 1 }) });
    await rig.apply(); // the port goes from the edge to the agent
    expect(await answers()).toBe('v2');
    const destroyed = await rig.aac('destroy', '--auto-approve');
    expect(destroyed.exitCode, destroyed.all).toBe(0);
    expect(rig.processes()).toEqual([]);
  });
});

describe.runIf(showsProcesses)('replicas that are to know their clients', () => {
  test('are told by the edge once the manifest asks for it, which the plan shows as a change of the edge alone', async () => {
    await using rig = processWorld.rig();
    const port = await freePort();
    rig.write({ 'echo.agent.yaml': echoing(port) });
    await rig.apply();
    expect((await say('hello', port)).answer).toBe('hello');

    rig.write({ 'echo.agent.yaml': echoing(port, 'v1') });
    const plan = await rig.aac('plan');
    expect(plan.all).toContain('proxyProtocol');
    expect(plan.all).toMatch(/edge\/edge will be/);
    expect(plan.all).not.toMatch(/agent\/echo\/\d will be/);
    const before = await namesOf(processWorld, rig);
    await rig.apply();
    const { answer, from } = await say('hello', port);
    expect(answer.split('\r\n')[0]).toBe(`PROXY TCP4 127.0.0.1 127.0.0.1 ${String(from)} ${String(port)}`);
    expect(await namesOf(processWorld, rig)).toEqual(before);
    expect((await rig.aac('plan', '--detailed-exitcode')).exitCode).toBe(0);
  });
});
