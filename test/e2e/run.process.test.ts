import { describe, expect, test } from 'vitest';
import { running, runTests } from './run.ts';
import { processWorld, showsProcesses } from './world.ts';

describe.runIf(showsProcesses)('local processes without a file', () => {
  runTests(processWorld);

  test('a terminal is refused, with what there is instead', async () => {
    await using rig = processWorld.rig();
    const ended = await rig.aac(...running(processWorld, 'exit 0', '-t'));
    expect(ended.exitCode).toBe(125);
    expect(ended.stderr).toContain('the process driver has no terminals');
  });

  test('runs in the folder it was called from, below the project too', async () => {
    await using rig = processWorld.rig();
    rig.write({ 'below/file.txt': 'here\n' });
    const { stdout } = await rig.with({ folder: 'below' }).aac(...running(processWorld, 'cat file.txt', '--rm', '-q'));
    expect(stdout).toBe('here\n');
  });

  test('Ctrl-C interrupts a command of exec', async () => {
    await using rig = processWorld.rig();
    rig.write({ 'web.agent.yaml': processWorld.agent('web') });
    await rig.apply();
    const exec = rig.begin(
      'exec',
      'web',
      '--',
      'sh',
      '-c',
      'trap "exit 6" INT; echo ready; while :; do sleep 0.05; done',
    );
    await exec.until(/^ready$/m);
    exec.signal('SIGINT');
    expect((await exec.ended).exitCode).toBe(6);
  });
});
