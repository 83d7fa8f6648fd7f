import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { shell } from './manifests.ts';
import type { World } from './world.ts';

interface Document {
  readonly agents: readonly {
    readonly address: string;
    readonly desired?: { readonly spec: { readonly environment: Readonly<Record<string, unknown>> } };
    readonly objects: readonly {
      readonly phase: string;
      readonly live: { readonly environment: Readonly<Record<string, unknown>> };
      readonly lastApplied: { readonly environment: Readonly<Record<string, unknown>> };
    }[];
    readonly difference?: { readonly action: string; readonly fields: readonly { readonly path: string }[] };
  }[];
}

/** `inspect`, `graph` and `doctor`. */
export function inspectionTests(world: World): void {
  test('inspect shows desired, last applied and live, and what differs, in YAML and in JSON', async () => {
    await using rig = world.rig();
    const manifest = (mode: string): string =>
      world.agent('web', {
        replicas: 2,
        environment: [
          { name: 'MODE', value: mode },
          { name: 'TOKEN', value: '${TOKEN}' },
        ],
      });
    const { aac, apply } = rig.with({ environment: { TOKEN: 'a-sentinel-that-is-secret' } });
    rig.write({ 'web.agent.yaml': manifest('quick') });
    await apply();
    rig.write({ 'web.agent.yaml': manifest('slow') });

    const { exitCode, stdout, all } = await aac('inspect', 'web/1');
    expect(exitCode, all).toBe(0);
    const { agents } = parse(stdout) as Document;
    expect(agents).toHaveLength(1);
    expect(agents[0]).toMatchObject({
      address: 'agent/web/1',
      desired: { spec: { environment: { MODE: 'slow' } } },
      objects: [
        {
          phase: 'running',
          live: { environment: { MODE: 'quick' } },
          lastApplied: { environment: { MODE: 'quick' } },
        },
      ],
      difference: { action: 'replace', fields: [{ path: '/environment/MODE', origin: 'change' }] },
    });
    const json = await aac('inspect', '--format', 'json');
    expect((JSON.parse(json.stdout) as Document).agents.map(({ address }) => address)).toEqual([
      'agent/web/0',
      'agent/web/1',
    ]);
    expect(`${all}${json.all}`).not.toContain('a-sentinel-that-is-secret');

    rig.write({ 'web.agent.yaml': 'kind: Agent\nmetadata: { name: web }\nspec: { imag: x }\n' });
    const broken = await aac('inspect', 'web/0');
    expect(broken.exitCode).toBe(1);
    expect(broken.stderr).toContain('did you mean');
    expect((parse(broken.stdout) as Document).agents[0]?.objects[0]?.phase).toBe('running');
  });

  test('inspect of an agent that is declared and does not stand shows what is asked for', async () => {
    await using rig = world.rig();
    rig.write({ 'web.agent.yaml': world.agent('web', shell('exec sleep 86400')) });
    const { agents } = parse((await rig.aac('inspect', 'web/0')).stdout) as Document;
    expect(agents).toMatchObject([{ address: 'agent/web/0', objects: [], difference: { action: 'create' } }]);

    const strange = await rig.aac('inspect', 'wbe');
    expect(strange).toMatchObject({ exitCode: 1 });
    expect(strange.stderr).toContain('agents are: web');
  });

  test('graph prints what depends on what, without asking any engine', async () => {
    await using rig = world.rig();
    rig.write({
      'web.agent.yaml': world.agent('web', { dependsOn: [{ agent: 'db', condition: 'healthy' }] }),
      'db.agent.yaml': world.agent('db', { healthCheck: { command: ['true'] } }),
    });
    const { aac } = rig.with({ environment: { DOCKER_HOST: 'unix:///nobody/listens.sock' } });
    const { exitCode, stdout } = await aac('graph');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^flowchart LR\n/);
    expect(stdout).toContain('agent_web -->|healthy| agent_db');
  });

  test('doctor says what the machine can do, and fails where an engine that is needed is not there', async () => {
    await using rig = world.rig();
    rig.write({ 'web.agent.yaml': world.agent('web') });
    const well = await rig.aac('doctor');
    expect(well.exitCode, well.all).toBe(0);
    expect(well.stdout).toMatch(new RegExp(`^${world.driver} +1 agent uses it$`, 'm'));

    const { aac } = rig.with({ environment: { DOCKER_HOST: 'unix:///nobody/listens.sock' } });
    const document = await aac('doctor', '--format', 'json');
    const { fit, parts } = JSON.parse(document.stdout) as {
      readonly fit: boolean;
      readonly parts: readonly { readonly name: string; readonly findings: readonly { readonly status: string }[] }[];
    };
    expect(parts.find(({ name }) => name === 'docker')?.findings).toMatchObject([
      { status: 'broken', message: expect.stringContaining('unix:///nobody/listens.sock') as string },
    ]);
    expect({ fit, exitCode: document.exitCode }).toEqual(
      world.driver === 'docker' ? { fit: false, exitCode: 1 } : { fit: true, exitCode: 0 },
    );
  });
}
