import { expect, test } from 'vitest';
import { describeDocker } from '../support/docker.ts';
import { freePort } from '../support/free-port.ts';
import { createRig } from '../support/rig.ts';
import { shared, startLoad } from './edge-load.ts';
import { containersOf } from './rolling.ts';

describeDocker('three replicas behind one host port, under load,', () => {
  test('are replaced ten times over, and once by what never gets ready, without a failed request', async () => {
    await using rig = createRig({ docker: true, project: { edge: { image: 'aac-test/node:20' } } });
    const port = await freePort();
    rig.write({ 'web.agent.yaml': shared('v0', port) });
    await rig.apply();
    await using load = startLoad(port);
    await load.answered('v0', 100);
    // all at once, and three times one by one
    for (let count = 1; count <= 10; count += 1) {
      const version = `v${String(count)}`;
      rig.write({ 'web.agent.yaml': shared(version, port, { deployment: { maxSurge: count % 3 === 0 ? 1 : 3 } }) });
      await rig.apply();
      await load.answered(version, 20);
    }
    expect(load.failed).toEqual({});

    const before = (await containersOf(rig, 'web')).map(({ Id }) => Id).sort();
    rig.write({ 'web.agent.yaml': shared('broken', port, { deployment: { progressDeadline: '3s' } }) });
    const failed = await rig.aac('apply', '--auto-approve');
    expect(failed.exitCode, failed.all).toBe(1);
    await load.answered('v10', 100);
    expect((await containersOf(rig, 'web')).map(({ Id }) => Id).sort()).toEqual(expect.arrayContaining(before));

    rig.write({ 'web.agent.yaml': shared('v10', port, { deployment: { maxSurge: 3 } }) });
    await rig.apply();
    await load.answered('v10', 100);
    expect(load.failed).toEqual({});
    expect((await containersOf(rig, 'web')).map(({ Id }) => Id).sort()).toEqual(before);
  });
});
