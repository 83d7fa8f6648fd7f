import { Agent, get } from 'node:http';
import { expect, test } from 'vitest';
import { eventually } from '../contract/stage.ts';
import { describeDocker } from '../support/docker.ts';
import { createRig, type Rig } from '../support/rig.ts';
import { docker } from './engine-view.ts';
import { containersOf, web } from './rolling.ts';
import { labels } from '../../src/model/labels.ts';
import { freePort } from '../support/free-port.ts';

/** Answers by version, and what went wrong, of requests that come from outside. */
interface Load extends AsyncDisposable {
  readonly seen: Record<string, number>;
  readonly failed: Record<string, number>;
}

/** About 200 requests a second at a host port, half of them over connections that stay, until it is disposed of. */
function startLoad(port: number): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const seen: Record<string, number> = {};
  const failed: Record<string, number> = {};
  let open = 0;
  const ask = (kind: string, options: { agent: Agent | false }): void => {
    open += 1;
    const request = get({ host: '127.0.0.1', port, ...options }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => (text += part.toString()));
      response.on('close', () => {
        open -= 1;
        const version = text.split(' ')[0] ?? '';
        seen[version] = (seen[version] ?? 0) + 1;
      });
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      open -= 1;
      const what = `${kind} ${error.code ?? ''}`;
      failed[what] = (failed[what] ?? 0) + 1;
    });
  };
  const timers = [setInterval(() => ask('fresh', { agent: false }), 10), setInterval(() => ask('kept', { agent }), 10)];
  return {
    seen,
    failed,
    [Symbol.asyncDispose]: async () => {
      timers.forEach((timer) => clearInterval(timer));
      await eventually(
        async () => open,
        (now) => now === 0,
      );
      agent.destroy();
    },
  };
}

async function edgeOf(rig: Rig) {
  const all = await docker().listContainers({
    all: true,
    filters: { label: [`${labels.workspace}=${rig.workspace}`] },
  });
  return all.filter(({ Labels }) => Labels[labels.address] === 'edge/edge');
}

async function expectConverged(rig: Rig): Promise<void> {
  const plan = await rig.aac('plan', '--detailed-exitcode');
  expect(plan.exitCode, plan.all).toBe(0);
  expect((await containersOf(rig, 'web')).map(({ State }) => State)).toEqual(['running', 'running', 'running']);
}

describeDocker('three replicas behind one host port', () => {
  test('answer through the edge, are replaced without a failed request, and survive the edge', async () => {
    await using rig = createRig({ docker: true, project: { edge: { image: 'aac-test/node:20' } } });
    const port = await freePort();
    const manifest = (version: string, fields = {}) =>
      web(version, { replicas: 3, ports: [{ container: 8080, host: port }], ...fields });
    rig.write({ 'web.agent.yaml': manifest('v1') });
    const plan = await rig.aac('plan');
    expect(plan.all).toContain('edge/edge');
    expect(plan.all).toContain('web.agent.yaml');
    await rig.apply();
    await expectConverged(rig);

    const [edge] = await edgeOf(rig);
    const { HostConfig, Config } = await docker()
      .getContainer(edge?.Id ?? '')
      .inspect();
    expect([HostConfig.ReadonlyRootfs, HostConfig.CapDrop, Config.User]).toEqual([true, ['ALL'], '65534:65534']);
    expect(HostConfig.SecurityOpt).toContain('no-new-privileges');

    await using load = startLoad(port);
    await eventually(
      async () => load.seen.v1 ?? 0,
      (count) => count > 100,
    );
    rig.write({ 'web.agent.yaml': manifest('v2') });
    await rig.apply();
    const before = load.seen.v1;
    await eventually(
      async () => load.seen.v2 ?? 0,
      (count) => count > 200,
    );
    expect(load.failed).toEqual({});
    expect((load.seen.v1 ?? 0) - (before ?? 0)).toBe(0);
    await expectConverged(rig);

    rig.write({ 'web.agent.yaml': manifest('broken', { deployment: { progressDeadline: '15s' } }) });
    const failed = await rig.aac('apply', '--auto-approve');
    expect(failed.exitCode, failed.all).toBe(1);
    expect(load.failed).toEqual({});
    rig.write({ 'web.agent.yaml': manifest('v2') });
    await rig.apply();
    expect(load.failed).toEqual({});
    await load[Symbol.asyncDispose]();

    await docker()
      .getContainer(edge?.Id ?? '')
      .remove({ force: true });
    await rig.apply();
    await using again = startLoad(port);
    await eventually(
      async () => again.seen.v2 ?? 0,
      (count) => count > 50,
    );
    await expectConverged(rig);

    const destroyed = await rig.aac('destroy', '--auto-approve');
    expect(destroyed.exitCode, destroyed.all).toBe(0);
    expect(await edgeOf(rig)).toEqual([]);
  });
});
