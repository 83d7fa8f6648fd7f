import { expect, test } from 'vitest';
import { describeDocker } from '../support/docker.ts';
import type { Rig } from '../support/rig.ts';
import { agentContainer, docker, freeRange } from './engine-view.ts';
import { busybox, placeOf } from './manifests.ts';
import { dockerWorld, namesOf, runningOnce } from './world.ts';

/** The host port of a replica's port 8080. */
async function hostPort(rig: Rig, replica: string): Promise<number> {
  const { NetworkSettings } = await agentContainer(rig.workspace, replica);
  return Number(NetworkSettings.Ports['8080/tcp']?.[0]?.HostPort);
}

function publishing(host: string | number, replicas: number) {
  return { replicas, ports: [{ container: 8080, host, hostIp: '127.0.0.1' }] };
}

describeDocker('replicas', () => {
  test('take the ports of a range one by one; more and fewer of them leave the others alone', async () => {
    await using rig = dockerWorld.rig();
    const first = await freeRange(4);
    const range = `${String(first)}-${String(first + 3)}`;
    rig.write({ 'web.agent.yaml': dockerWorld.agent('web', publishing(range, 2)) });
    await rig.apply();
    expect(await hostPort(rig, 'web/0')).toBe(first);
    expect(await hostPort(rig, 'web/1')).toBe(first + 1);
    const two = await runningOnce(dockerWorld, rig);

    rig.edit('web.agent.yaml', 'replicas: 2', 'replicas: 4');
    const up = await rig.plan();
    expect(up.changes.filter(({ action }) => action !== 'no-op').map(({ address }) => address)).toEqual([
      'agent/web/2',
      'agent/web/3',
    ]);
    await rig.apply();
    expect(await hostPort(rig, 'web/3')).toBe(first + 3);
    const four = await runningOnce(dockerWorld, rig);
    expect([...four.keys()].sort()).toEqual(['web/0', 'web/1', 'web/2', 'web/3']);
    expect(four.get('web/0')).toEqual(two.get('web/0'));
    expect(four.get('web/1')).toEqual(two.get('web/1'));

    rig.edit('web.agent.yaml', 'replicas: 4', 'replicas: 1');
    const down = await rig.plan();
    expect(down.changes.filter(({ action }) => action !== 'no-op')).toMatchObject(
      ['agent/web/1', 'agent/web/2', 'agent/web/3'].map((address) => ({
        address,
        action: 'delete',
        cause: { type: 'scaled-down' },
      })),
    );
    await rig.apply();
    expect(await runningOnce(dockerWorld, rig)).toEqual(new Map([['web/0', two.get('web/0')]]));
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });

    rig.edit('web.agent.yaml', 'replicas: 1', 'replicas: 0');
    await rig.apply();
    expect(await namesOf(dockerWorld, rig)).toEqual([]);
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
  });

  test('with any free port get one each, and keep it without a change when the engine gives another', async () => {
    await using rig = dockerWorld.rig();
    rig.write({ 'web.agent.yaml': dockerWorld.agent('web', publishing(0, 2)) });
    await rig.apply();
    const [one, other] = [await hostPort(rig, 'web/0'), await hostPort(rig, 'web/1')];
    expect(one).toBeGreaterThan(0);
    expect(other).toBeGreaterThan(0);
    expect(one).not.toBe(other);
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });

    const { Id } = await agentContainer(rig.workspace, 'web/0');
    await docker().getContainer(Id).restart({ t: 1 }); // publishes at another port
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
  });

  test('that are more than the ports of their range are an error at its line', async () => {
    await using rig = dockerWorld.rig();
    const first = await freeRange(2);
    const manifest = dockerWorld.agent('web', publishing(`${String(first)}-${String(first + 1)}`, 3));
    rig.write({ 'web.agent.yaml': manifest });
    const { exitCode, stderr } = await rig.aac('plan');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('error[too-few-ports]');
    expect(stderr).toContain('2 host ports cannot serve 3 replicas');
    expect(stderr).toContain(placeOf('web.agent.yaml', manifest, 'host: ', String(first)).split(':', 2).join(':'));
    expect(stderr).toContain(`${String(first)}-${String(first + 2)}`); // what would do
  });

  test('with one fixed port share it behind an edge', async () => {
    await using rig = dockerWorld.rig();
    rig.write({ 'web.agent.yaml': dockerWorld.agent('web', publishing(await freeRange(1), 2)) });
    const { changes } = await rig.plan();
    expect(changes.map(({ address }) => address)).toEqual(
      expect.arrayContaining(['agent/web/0', 'agent/web/1', 'edge/edge']),
    );
  });
});

describeDocker('a host port', () => {
  test('that two agents ask for is an error with both lines', async () => {
    await using rig = dockerWorld.rig();
    const port = await freeRange(1);
    rig.write({
      'a.agent.yaml': dockerWorld.agent('a', publishing(port, 1)),
      'b.agent.yaml': dockerWorld.agent('b', publishing(port, 1)),
    });
    const { exitCode, stderr } = await rig.aac('plan');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('error[port-conflict]');
    expect(stderr).toMatch(/a\.agent\.yaml:\d+:\d+/);
    expect(stderr).toMatch(/b\.agent\.yaml:\d+:\d+/);
  });

  test('that somebody else holds is an error that names the holder, before anything is touched', async () => {
    await using rig = dockerWorld.rig();
    const port = await freeRange(1);
    const holder = await docker().createContainer({
      name: `${rig.workspace}-holder`,
      Image: busybox.image,
      Cmd: ['sleep', '86400'],
      HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] } },
      ExposedPorts: { '80/tcp': {} },
    });
    await holder.start();
    rig.write({
      'web.agent.yaml': dockerWorld.agent('web', publishing(port, 1)),
      'other.agent.yaml': dockerWorld.agent('other'),
    });
    const { exitCode, stderr } = await rig.aac('apply', '--auto-approve');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('error[port-in-use]');
    expect(stderr).toContain(`port ${String(port)}`);
    expect(stderr).toContain('already in use by');
    expect(stderr).toContain(`${rig.workspace}-holder`);
    expect(await namesOf(dockerWorld, rig)).toEqual([]);
  });

  test('passes from one agent to another within one plan', async () => {
    await using rig = dockerWorld.rig();
    const port = await freeRange(1);
    rig.write({ 'old.agent.yaml': dockerWorld.agent('old', publishing(port, 1)) });
    await rig.apply();
    rig.remove('old.agent.yaml');
    rig.write({ 'new.agent.yaml': dockerWorld.agent('new', publishing(port, 1)) });
    await rig.apply();
    expect(await namesOf(dockerWorld, rig)).toEqual(['new/0']);
    expect(await hostPort(rig, 'new/0')).toBe(port);
  });
});
