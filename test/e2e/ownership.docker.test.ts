import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeDocker } from '../support/docker.ts';
import { objectsOf } from './engine-view.ts';
import { ownershipTests } from './ownership.ts';
import { dockerWorld, namesOf, processWorld } from './world.ts';

describeDocker('what an apply of containers owns', () => ownershipTests(dockerWorld));

describeDocker('an agent that moves from one driver to another', () => {
  test.for([
    { state: 'with the state folder', forget: false },
    { state: 'also without the state folder', forget: true },
  ])('leaves no container behind, nor a process on the way back, $state', async ({ forget }) => {
    await using rig = dockerWorld.rig();
    rig.write({ 'web.agent.yaml': dockerWorld.agent('web') });
    await rig.apply();
    if (forget) rmSync(rig.state, { recursive: true });

    rig.write({ 'web.agent.yaml': processWorld.agent('web') });
    const plan = await rig.aac('plan');
    expect(plan.stdout).toContain('moves from docker to process');
    await rig.apply();
    expect(await objectsOf(rig.workspace)).toEqual({ containers: [], networks: [], volumes: [] });
    expect(await namesOf(processWorld, rig)).toEqual(['web/0']);
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
    if (forget) rmSync(rig.state, { recursive: true });

    rig.write({ 'web.agent.yaml': dockerWorld.agent('web') });
    await rig.apply();
    expect(await namesOf(processWorld, rig)).toEqual([]);
    expect(rig.processes()).toEqual([]);
    expect(await namesOf(dockerWorld, rig)).toEqual(['web/0']);
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
  });

  test('is removed where it was when its manifest goes', async () => {
    await using rig = dockerWorld.rig();
    rig.write({ 'web.agent.yaml': dockerWorld.agent('web'), 'local.agent.yaml': processWorld.agent('local') });
    await rig.apply();
    rig.remove('web.agent.yaml');
    await rig.apply();
    expect((await objectsOf(rig.workspace)).containers).toEqual([]);
    expect(await namesOf(processWorld, rig)).toEqual(['local/0']);
  });

  test('cannot be planned for while the engine it has used is not there: unreadable is not absent', async () => {
    await using rig = dockerWorld.rig();
    rig.write({ 'web.agent.yaml': dockerWorld.agent('web') });
    await rig.apply();
    rig.write({ 'web.agent.yaml': processWorld.agent('web') });
    const { aac } = rig.with({ environment: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } });
    const { exitCode, stderr } = await aac('apply', '--auto-approve');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('error[driver-unreachable]');
    expect(stderr).toContain('unix:///nowhere/docker.sock');
    expect(await namesOf(processWorld, rig)).toEqual([]);
    expect(await namesOf(dockerWorld, rig)).toEqual(['web/0']);
  });
});
