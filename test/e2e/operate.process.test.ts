import { describe, expect, test } from 'vitest';
import { operateTests } from './operate.ts';
import { namesOf, processWorld } from './world.ts';

describe('operating processes', () => {
  operateTests(processWorld);

  test('names that mean nothing are refused before anything is touched', async () => {
    await using rig = processWorld.rig();
    rig.write({ 'web.agent.yaml': processWorld.agent('web'), 'api.agent.yaml': processWorld.agent('api') });
    await rig.apply('--target', 'web');
    for (const { line, says } of [
      { line: ['stop', 'weeb', 'web'], says: 'did you mean `web`?' },
      { line: ['stop', 'web/7'], says: 'agent `web` has no replica `web/7`\nhint: those that stand are: web/0' },
      { line: ['start', 'api'], says: '`aac apply --target api` creates it' },
      { line: ['restart'], says: '`aac restart` takes the names of agents' },
      { line: ['stop', 'web', '--all'], says: '`--all` leaves nothing to name' },
    ]) {
      const refused = await rig.aac(...line);
      expect(refused.exitCode, refused.all).toBe(1);
      expect(refused.stderr).toContain(says);
    }
    const json = await rig.aac('stop', 'weeb', '--format', 'json');
    expect(JSON.parse(json.stdout)).toMatchObject({ diagnostics: [{ code: 'unknown-agent' }] });
    expect(await namesOf(processWorld, rig)).toEqual(['web/0']);
  });

  test('beside manifests that are broken an agent can still be stopped and started', async () => {
    await using rig = processWorld.rig();
    rig.write({ 'web.agent.yaml': processWorld.agent('web') });
    await rig.apply();
    rig.edit('web.agent.yaml', 'kind: Agent', 'kind: Agnet');
    const stopped = await rig.aac('stop', 'web');
    expect(stopped.exitCode, stopped.all).toBe(0);
    expect(await namesOf(processWorld, rig)).toEqual([]);
    expect((await rig.aac('start', 'web')).exitCode).toBe(0);
    expect(await namesOf(processWorld, rig)).toEqual(['web/0']);
  });

  test('beside a watch, stop says that it will not last, and what to do', async () => {
    await using rig = processWorld.rig();
    rig.write({ 'web.agent.yaml': processWorld.agent('web') });
    const watch = rig.begin('watch');
    await watch.until(/agent\/web\/0/);
    await expect.poll(() => namesOf(processWorld, rig), { timeout: 20_000 }).toEqual(['web/0']);
    const stopped = await rig.aac('stop', 'web');
    expect(stopped.exitCode, stopped.all).toBe(0);
    expect(stopped.stderr).toMatch(/`[^`]*watch` \(process \d+\) will start web again/);
    expect(stopped.stderr).toContain('`aac suspend web`');
    await expect.poll(() => namesOf(processWorld, rig), { timeout: 20_000 }).toEqual(['web/0']);
    watch.signal('SIGTERM');
    await watch.ended;
  });
});
