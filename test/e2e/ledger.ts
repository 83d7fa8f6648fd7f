import { expect, test } from 'vitest';
import { shell } from './manifests.ts';
import { namesOf, runningOnce, type World } from './world.ts';

/** Without an init the engine itself finds out that there is no such command, at the start. */
const broken = { command: ['/no/such/command'], init: false };

/** What an apply that does not go well says of it, and what it leaves behind. */
export function ledgerTests(world: World): void {
  test('an agent that cannot start fails alone: what depends on it is skipped, everything else is done', async () => {
    await using rig = world.rig();
    rig.write({
      'bad.agent.yaml': world.agent('bad', broken),
      'dependent.agent.yaml': world.agent('dependent', { dependsOn: ['bad'] }),
      'further.agent.yaml': world.agent('further', { dependsOn: ['dependent'] }),
      'independent.agent.yaml': world.agent('independent'),
    });
    const failed = await rig.aac('apply', '--auto-approve');
    expect(failed.exitCode).toBe(1);
    expect(failed.stdout).toMatch(/^ +\+ agent\/independent\/0 +created/m);
    expect(failed.stdout).toMatch(/Failed:\n +x agent\/bad\/0 .*/);
    expect(failed.stdout).toContain('/no/such/command');
    expect(failed.stdout).toMatch(
      /Skipped:\n +agent\/dependent\/0, agent\/further\/0, because `[a-z ]+ agent\/bad\/0` failed/,
    );
    expect(failed.stdout).toMatch(/Apply failed: .*1 failed, 2 skipped/);
    expect(await namesOf(world, rig)).toEqual(['independent/0']);
    const independent = (await runningOnce(world, rig)).get('independent/0');

    rig.write({ 'bad.agent.yaml': world.agent('bad') });
    await rig.apply();
    expect(await namesOf(world, rig)).toEqual(['bad/0', 'dependent/0', 'further/0', 'independent/0']);
    expect((await runningOnce(world, rig)).get('independent/0')).toEqual(independent);
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
  });

  test('an agent that crashes at once, under an init, fails whoever waits for it to have started or be healthy', async () => {
    await using rig = world.rig();
    rig.write({
      'bad.agent.yaml': world.agent('bad', {
        command: ['/no/such/command'],
        healthCheck: { command: ['true'], interval: '1s' },
      }),
      'patient.agent.yaml': world.agent('patient', { dependsOn: [{ agent: 'bad', condition: 'healthy' }] }),
      'dependent.agent.yaml': world.agent('dependent', { dependsOn: ['bad'] }),
    });
    const { exitCode, stdout } = await rig.aac('apply', '--auto-approve');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/Failed:\n +x agent\/bad\/0 .*/);
    expect(stdout).toContain('/no/such/command');
    expect(stdout).toMatch(
      /Skipped:\n +agent\/dependent\/0(, agent\/patient\/0)?, because `[a-z ]+ agent\/bad\/0` failed/,
    );
    expect(stdout.match(/x agent\/bad\/0/g)).toHaveLength(1);
    expect(stdout).toMatch(/Apply failed: .*1 failed, 2 skipped/);
    const names = await namesOf(world, rig);
    expect(names).not.toContain('dependent/0');
    expect(names).not.toContain('patient/0');
  });

  test('the same ledger is one JSON document for programs', async () => {
    await using rig = world.rig();
    rig.write({
      'bad.agent.yaml': world.agent('bad', broken),
      'dependent.agent.yaml': world.agent('dependent', { dependsOn: ['bad'] }),
      'independent.agent.yaml': world.agent('independent'),
    });
    const { exitCode, stdout } = await rig.aac('apply', '--auto-approve', '--format', 'json');
    expect(exitCode).toBe(1);
    const ledger = JSON.parse(stdout) as { readonly status: string; readonly resources: readonly object[] };
    expect(ledger.status).toBe('failed');
    expect(ledger.resources).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ address: 'agent/bad/0', status: 'failed' }),
        expect.objectContaining({ address: 'agent/dependent/0', status: 'skipped' }),
        expect.objectContaining({ address: 'agent/independent/0', status: 'done' }),
      ]),
    );
  });

  test('JSON lines tell of every step as it happens, the ledger last', async () => {
    await using rig = world.rig();
    rig.write({ 'web.agent.yaml': world.agent('web') });
    const { exitCode, stdout } = await rig.aac('apply', '--auto-approve', '--format', 'jsonl');
    expect(exitCode).toBe(0);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly type: string });
    expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['node-started', 'node-finished']));
    expect(JSON.stringify(events.at(-1))).toContain('"succeeded"');
  });

  test('an agent that never becomes healthy fails with what its check said and the end of its log', async () => {
    await using rig = world.rig();
    rig.write({
      'sick.agent.yaml': world.agent('sick', {
        ...shell('echo "the first line"; echo "the last line"; exec sleep 86400'),
        healthCheck: {
          command: ['sh', '-c', 'echo "the probe says no"; exit 1'],
          interval: '500ms',
          startInterval: '200ms',
          timeout: '2s',
          retries: 2,
          startPeriod: '0s',
        },
      }),
      'dependent.agent.yaml': world.agent('dependent', { dependsOn: [{ agent: 'sick', condition: 'healthy' }] }),
    });
    const { exitCode, stdout } = await rig.aac('apply', '--auto-approve', '--wait-timeout', '20s');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/x agent\/sick\/0 did not become ready/);
    expect(stdout).toContain('the probe says no');
    expect(stdout).toContain('the first line');
    expect(stdout).toContain('the last line');
    expect(stdout).toMatch(/Skipped:\n +agent\/dependent\/0/);
    expect(await namesOf(world, rig)).toEqual(['sick/0']);
  });

  test('an agent that is not ready in time fails by --wait-timeout', async () => {
    await using rig = world.rig();
    rig.write({
      'slow.agent.yaml': world.agent('slow', {
        healthCheck: { command: ['false'], interval: '500ms', startInterval: '200ms', startPeriod: '600s' },
      }),
    });
    const { exitCode, stdout } = await rig.aac('apply', '--auto-approve', '--wait-timeout', '2s');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/x agent\/slow\/0 did not become ready: .*within 2 s/);
  });

  test('an agent that exits at once fails with its exit code and the end of its log', async () => {
    await using rig = world.rig();
    rig.write({
      'dying.agent.yaml': world.agent('dying', {
        ...shell('echo "no configuration" >&2; exit 7'),
        restartPolicy: 'on-failure',
        healthCheck: { command: ['true'], interval: '500ms', startInterval: '500ms' },
      }),
    });
    const { exitCode, stdout } = await rig.aac('apply', '--auto-approve', '--wait-timeout', '5s');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/x agent\/dying\/0/);
    expect(stdout).toMatch(/\b7\b/);
    expect(stdout).toContain('no configuration');
  });

  test('an agent that is to run once is waited for, is done then, and fails by its exit code', async () => {
    await using rig = world.rig();
    rig.write({
      'once.agent.yaml': world.agent('once', { ...shell('sleep 1; exit 0'), restartPolicy: 'never' }),
      'after.agent.yaml': world.agent('after', { dependsOn: [{ agent: 'once', condition: 'completed' }] }),
    });
    await rig.apply();
    expect(await namesOf(world, rig)).toEqual(['after/0']);
    expect(await rig.aac('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });

    rig.write({ 'once.agent.yaml': world.agent('once', { ...shell('exit 3'), restartPolicy: 'never' }) });
    const { exitCode, stdout } = await rig.aac('apply', '--auto-approve');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/x agent\/once\/0 .*\b3\b/);
  });

  test('--fail-fast starts nothing more after the first failure', async () => {
    await using rig = world.rig();
    const agents = Array.from({ length: 6 }, (_, index) => `later-${String(index)}`);
    rig.write({
      'a-bad.agent.yaml': world.agent('a-bad', broken),
      ...Object.fromEntries(
        agents.map((name, index) => [
          `${name}.agent.yaml`,
          world.agent(name, {
            dependsOn: index === 0 ? [] : [{ agent: agents[index - 1], condition: 'healthy' }],
            healthCheck: { command: ['true'], interval: '500ms', startInterval: '500ms' },
          }),
        ]),
      ),
    });
    const { exitCode, stdout } = await rig.aac('apply', '--auto-approve', '--fail-fast');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('Not started:');
    expect(await namesOf(world, rig)).not.toContain('later-5/0');
    expect(stdout).toMatch(/\d not started/);
  });
}
