import { expect, test } from 'vitest';
import { describeDocker, dockerHost } from '../support/docker.ts';
import { createRig } from '../support/rig.ts';
import { expectProgram, runProgram } from './program.ts';

describeDocker('the program', () => {
  test('does the same with a container', async () => {
    await using rig = createRig({ docker: true });
    expectProgram(await runProgram(rig, ['docker', 'aac-test/busybox:1'], { DOCKER_HOST: dockerHost() }));
    expect((await rig.aac('ps', '--all', '--format', 'json')).stdout).toContain('[]');
  });
});
