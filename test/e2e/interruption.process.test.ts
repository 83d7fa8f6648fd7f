import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { interruptionTests } from './interruption.ts';
import { namesOf, processWorld } from './world.ts';

describe('an apply of processes that is interrupted', () => {
  interruptionTests(processWorld, (rig) => ({
    command: ['test', '-e', join(rig.folder, 'open')],
    open: async () => rig.write({ open: '' }),
  }));

  test('by kill -9 after any line of its progress is finished by the next one, with nothing doubled', async () => {
    await using rig = processWorld.rig();
    const agents = ['a', 'b', 'c'];
    for (let count = 1; ; count += 1) {
      const text = (name: string) =>
        processWorld.agent(name, {
          environment: [{ name: 'ROUND', value: String(count) }],
          dependsOn: name === 'a' ? [] : ['a'],
        });
      rig.write(Object.fromEntries(agents.map((name) => [`${name}.agent.yaml`, text(name)])));
      const apply = rig.begin('apply', '--auto-approve');
      const reached = await apply
        .until((printed) => (printed.match(/^agent\/./gm)?.length ?? 0) >= count)
        .then(
          () => true,
          () => false,
        );
      apply.signal('SIGKILL');
      await apply.ended;
      await rig.apply();
      expect(await namesOf(processWorld, rig), `killed after line ${String(count)}`).toEqual(['a/0', 'b/0', 'c/0']);
      expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
      if (!reached) break;
    }
  });
});
