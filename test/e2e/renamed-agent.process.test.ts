import { describe, expect, test } from 'vitest';
import { agentText } from './manifests.ts';
import { renamedAgentTests } from './renamed-agent.ts';
import { processWorld, runningOnce, showsProcesses } from './world.ts';

const sleeping = { command: ['sleep', '86400'], stop: { gracePeriod: '1s' } };

describe('a process', () => {
  renamedAgentTests(processWorld, sleeping, true);

  test.runIf(showsProcesses)('that was renamed is restarted by a watch, and told of, under its new name', async () => {
    await using rig = processWorld.rig();
    const agent = (name: string, previousNames: readonly string[]) => ({
      'web.agent.yaml': agentText(name, { driver: 'process', ...sleeping }, { previousNames }),
    });
    rig.write(agent('web', []));
    await rig.apply();
    rig.write(agent('site', ['web']));
    const watch = rig.begin('watch', '--debounce', '20ms');
    const kill = async (): Promise<string> => {
      const { identity = '' } = (await runningOnce(processWorld, rig)).get('web/0') ?? {};
      process.kill(-Number(identity.split(' ')[0]), 'SIGKILL');
      return identity;
    };
    await watch.until(/in sync|watching/i);
    const killed = await kill();
    await watch.until(/agent\/site\/0 was restarted/);
    expect((await runningOnce(processWorld, rig)).get('web/0')?.identity).not.toBe(killed);
    expect((await rig.aac('ps', '--format', 'json')).stdout).toMatch(/"agent\/site\/0"[^]*"restarts": 1/);
    watch.signal('SIGINT');
    expect((await watch.ended).all).not.toContain('agent/web/0');
  });
});
