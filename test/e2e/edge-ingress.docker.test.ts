import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../contract/stage.ts';
import { describeDocker } from '../support/docker.ts';
import { freePort } from '../support/free-port.ts';
import { createRig, type Rig } from '../support/rig.ts';
import { edgeOf, shared, startLoad } from './edge-load.ts';
import { docker } from './engine-view.ts';
import { agentText } from './manifests.ts';
import { containersOf } from './rolling.ts';

/** Two replicas that answer a datagram with their own name and what was in it. */
function echo(port: number): string {
  const script = `
const socket = require('node:dgram').createSocket('udp4');
socket.on('message', (data, from) => socket.send(require('node:os').hostname() + ' ' + data, from.port, from.address));
socket.bind(5353);
process.on('SIGTERM', () => process.exit(0));`;
  return agentText('echo', {
    driver: 'docker',
    image: 'aac-test/node:20',
    imagePullPolicy: 'Never',
    command: ['node', '-e', script],
    replicas: 2,
    ports: [{ container: 5353, host: port, protocol: 'udp' }],
  });
}

/** Sends numbered datagrams until `count` are answered, and gives who answered; one that is lost is sent again. */
async function flow(port: number, count: number): Promise<readonly string[]> {
  const socket = createSocket('udp4');
  const answers = new Map<number, string>();
  socket.on('message', (data) => {
    const [who = '', number] = data.toString().split(' ');
    answers.set(Number(number), who);
  });
  await eventually(
    async () => {
      socket.send(String(answers.size), port, '127.0.0.1');
      return answers.size;
    },
    (size) => size >= count,
  );
  socket.close();
  await once(socket, 'close');
  return [...new Set(answers.values())];
}

async function expectConverged(rig: Rig): Promise<void> {
  const plan = await rig.aac('plan', '--detailed-exitcode');
  expect(plan.exitCode, plan.all).toBe(0);
  expect((await containersOf(rig, 'web')).map(({ State }) => State)).toEqual(['running', 'running', 'running']);
}

describeDocker('an edge that is made of the Node of this machine', () => {
  test('can do nothing but forward, TCP by connection and UDP by flow, and goes with the last who needs it', async () => {
    await using rig = createRig({ docker: true });
    const [port, udp] = [await freePort(), await freePort()];
    rig.write({ 'web.agent.yaml': shared('v1', port), 'echo.agent.yaml': echo(udp) });
    const plan = await rig.aac('plan');
    expect(plan.all).toContain('edge/edge');
    expect(plan.all).toContain('web.agent.yaml');
    await rig.apply();
    await expectConverged(rig);

    const [{ Id = '', Image = '' } = {}] = await edgeOf(rig);
    onTestFinished(
      async () =>
        void (await docker()
          .getImage(Image)
          .remove()
          .catch(() => undefined)),
    );
    expect(Image).toMatch(/^aac-edge:\w+-local$/);
    const { HostConfig, Config } = await docker().getContainer(Id).inspect();
    expect([HostConfig.ReadonlyRootfs, HostConfig.CapDrop, Config.User]).toEqual([true, ['ALL'], '65534:65534']);
    expect(HostConfig.SecurityOpt).toContain('no-new-privileges');

    await using load = startLoad(port);
    await load.answered('v1', 100);
    const flows = await Promise.all([...Array(4).keys()].map(() => flow(udp, 5)));
    expect(flows.map((answers) => answers.length)).toEqual([1, 1, 1, 1]);
    expect(new Set(flows.flat()).size).toBe(2);
    expect(load.failed).toEqual({});
    await load[Symbol.asyncDispose]();

    await docker().getContainer(Id).remove({ force: true });
    await rig.apply();
    await using again = startLoad(port);
    await again.answered('v1', 50);
    await expectConverged(rig);

    const destroyed = await rig.aac('destroy', '--auto-approve');
    expect(destroyed.exitCode, destroyed.all).toBe(0);
    expect(await edgeOf(rig)).toEqual([]);
  });
});
