import { expect, test } from 'vitest';
import { processWorld, runningOnce } from './world.ts';

test('a watch applies what is saved, says what is broken and leaves it running, and leaves all running at its end', async () => {
  await using rig = processWorld.rig();
  const valued = (value: string): string => processWorld.agent('web', { environment: [{ name: 'LETTER', value }] });
  rig.write({ 'web.agent.yaml': valued('a') });
  const watch = rig.begin('watch', '--debounce', '50ms');
  await watch.until(/Apply complete: 1 created/);

  rig.write({ 'web.agent.yaml': valued('b') });
  await watch.until(/Apply complete: 1 replaced/);
  const second = (await runningOnce(processWorld, rig)).get('web/0');
  expect(second?.environment).toContain('LETTER=b');

  rig.write({ 'web.agent.yaml': `${valued('c')}  nonsense: true\n` });
  await watch.until(/error\[unknown-field\]/);
  expect((await runningOnce(processWorld, rig)).get('web/0')).toEqual(second);

  watch.signal('SIGINT');
  expect(await watch.ended).toMatchObject({ exitCode: 0 });
  expect((await runningOnce(processWorld, rig)).get('web/0')).toEqual(second);
});
