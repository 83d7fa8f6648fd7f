import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { processWorld, runningOnce } from './world.ts';

function projectText(name: string, previousNames: readonly string[]): string {
  return stringify({ apiVersion: 'agent.dev/v1', kind: 'Project', metadata: { name, previousNames } });
}

test('a renamed project takes down what ran under its former name, and nothing runs twice', async () => {
  await using rig = processWorld.rig();
  const former = `${rig.workspace}-former`;
  rig.write({ 'aac.yaml': projectText(former, []), 'web.agent.yaml': processWorld.agent('web') });
  await rig.apply();
  const before = (await runningOnce(processWorld, rig)).get('web/0');

  rig.write({ 'aac.yaml': projectText(rig.workspace, [former]) });
  const { changes } = await rig.plan();
  expect(changes).toMatchObject([{ address: 'agent/web/0', action: 'replace', fields: [{ path: '/workspace' }] }]);
  await rig.apply();
  const after = await runningOnce(processWorld, rig);
  expect([...after.keys()]).toEqual(['web/0']);
  expect(after.get('web/0')?.identity).not.toBe(before?.identity);
  expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
});
