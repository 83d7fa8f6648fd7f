import { expect, test } from 'vitest';
import { createRig } from '../support/rig.ts';
import { expectProgram, runProgram } from './program.ts';

test('the program runs an agent, reads, measures and enters it, and leaves nothing', async () => {
  await using rig = createRig();
  expectProgram(await runProgram(rig));
  expect(rig.processes()).toEqual([]);
  expect((await rig.aac('ps', '--all', '--format', 'json')).stdout).toContain('[]');
});

test('the program says why an agent cannot be started', async () => {
  await using rig = createRig();
  const ended = await runProgram(rig, ['docker']); // no image
  expect(ended).toMatchObject({ exitCode: 1, stdout: '' });
  expect(ended.stderr).toContain('image');
});
