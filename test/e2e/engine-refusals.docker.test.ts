import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { describeDocker, dockerClient } from '../support/docker.ts';
import { createRig, type Rig } from '../support/rig.ts';

/** Plans with an agent `web`; the plan has to fail at the line that matches, and nothing may be there afterwards. */
async function expectRefused(rig: Rig, spec: object, line: RegExp, message: string): Promise<void> {
  write(rig, 'web', spec);
  const { exitCode, all } = await rig.aac('apply', '--auto-approve');
  expect(exitCode, all).toBe(1);
  expect(all.replace(/\s+/g, ' ')).toContain(message);
  expect(all).toMatch(/web\.agent\.yaml:\d+:\d+/);
  expect(
    all.split('\n').some((text) => line.test(text)),
    all,
  ).toBe(true);
  expect(await dockerClient().listContainers({ all: true, filters: { name: [`${rig.workspace}-`] } })).toEqual([]);
}

function write(rig: Rig, name: string, spec: object): void {
  const common = { image: 'aac-test/busybox:1', command: ['sleep', '1000'], stop: { gracePeriod: '1s' } };
  const document = { apiVersion: 'agent.dev/v1', kind: 'Agent', metadata: { name }, spec: { ...common, ...spec } };
  rig.write({ [`${name}.agent.yaml`]: stringify(document) });
}

describeDocker('what this engine or project cannot give', () => {
  test('is refused at its line, before anything is touched', async () => {
    await using rig = createRig({ docker: true });
    await expectRefused(
      rig,
      { security: { runAsNonRoot: true } },
      /runAsNonRoot: true/,
      'image `aac-test/busybox:1` runs as root, which `security.runAsNonRoot` forbids',
    );
    await expectRefused(
      rig,
      { security: { seccompProfile: './absent.json' } },
      /seccompProfile/,
      'the seccomp profile `./absent.json` does not exist',
    );
    writeFileSync(join(rig.folder, 'broken.json'), '{');
    await expectRefused(
      rig,
      { security: { seccompProfile: './broken.json' } },
      /seccompProfile/,
      'the seccomp profile `./broken.json` is not JSON',
    );
    const { Driver } = (await dockerClient().info()) as { readonly Driver: string };
    const status = ((await dockerClient().info()) as { readonly DriverStatus: readonly (readonly string[])[] })
      .DriverStatus;
    if (!status.some(([, value]) => value === 'xfs')) {
      await expectRefused(
        rig,
        { resources: { limits: { 'ephemeral-storage': '1Gi' } } },
        /ephemeral-storage/,
        `is not supported by the engine's storage driver, \`${Driver}`,
      );
    }
  });

  test('is an external network that does not exist; one that does is joined, and left alone in the end', async () => {
    const docker = dockerClient();
    await using rig = createRig({ docker: true, project: 'none' });
    const shared = `${rig.workspace}-shared`;
    rig.write({
      'aac.yaml': stringify({
        apiVersion: 'agent.dev/v1',
        kind: 'Project',
        metadata: { name: rig.workspace },
        spec: { networks: { [shared]: { external: true }, closed: { internal: true } } },
      }),
    });
    await expectRefused(
      rig,
      { network: { mode: shared } },
      /mode: /,
      `the external network \`${shared}\` does not exist`,
    );

    const network = await docker.createNetwork({ Name: shared });
    write(rig, 'inner', { network: { mode: 'closed' } });
    await rig.apply();
    const [web] = await docker.listContainers({ filters: { name: [`${rig.workspace}-web-`] } });
    expect(Object.keys(web?.NetworkSettings.Networks ?? {})).toEqual([shared]);
    expect(await docker.getNetwork(`${rig.workspace}-closed`).inspect()).toMatchObject({ Internal: true });
    expect((await rig.aac('plan', '--detailed-exitcode')).exitCode).toBe(0);

    await rig.aac('destroy', '--auto-approve');
    expect(await network.inspect()).toMatchObject({ Name: shared });
    await network.remove();
  });

  test('is more than the quota of the project, of which is said what is asked for, free and there', async () => {
    await using rig = createRig({ docker: true, project: { quotas: { memory: '128Mi', cpu: '1', agents: 2 } } });
    write(rig, 'first', { resources: { limits: { memory: '96Mi', cpu: '500m' } } });
    await expectRefused(
      rig,
      { resources: { limits: { memory: '64Mi' } } },
      /memory: 64Mi/,
      'insufficient memory in the quota of the project: asked 64Mi, free 32Mi, total 128Mi',
    );
    await expectRefused(
      rig,
      { resources: { limits: { cpu: '600m' } } },
      /cpu: 600m/,
      'insufficient cpu in the quota of the project: asked 600m, free 500m, total 1',
    );
    await expectRefused(
      rig,
      { replicas: 2 },
      /name: web/,
      'insufficient agents in the quota of the project: asked 2, free 1, total 2',
    );
  });
});
