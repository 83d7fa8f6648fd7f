import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eventually } from '../drivers/process/rig.ts';
import { describeDocker, dockerClient, dockerEnvironment, removeWorkspace } from '../support/docker.ts';
import { createWatchRig, type Row } from './watch-rig.ts';

describeDocker('a watch over containers', () => {
  it('restarts one that is unhealthy, which its engine never does, and leaves it running at its end', async () => {
    await using rig = await createWatchRig({ driver: 'docker', environment: dockerEnvironment() });
    const docker = dockerClient();
    await using _workspace = { [Symbol.asyncDispose]: () => removeWorkspace(docker, rig.workspace) };
    const check = 'type: file, path: /tmp/sign, interval: 200ms, startInterval: 200ms, retries: 2, startPeriod: 0s';
    await writeFile(
      join(rig.project, 'web.agent.yaml'),
      `apiVersion: agent.dev/v1
kind: Agent
metadata: { name: web }
spec:
  image: aac-test/busybox:1
  imagePullPolicy: Never
  command: [sh, -c, "touch /tmp/sign; exec sleep 1000"]
  stop: { gracePeriod: 1s }
  healthCheck: { ${check} }
`,
    );
    const watching = rig.watch();
    let row: Row | undefined;
    const shows = (isSo: (row: Row) => boolean): Promise<void> =>
      eventually(
        async () => (row = await rig.ps('web')) !== undefined && isSo(row),
        () => `${JSON.stringify(row)} ${watching.output()}`,
      );
    await shows(({ health }) => health === 'healthy');
    const [container] = await docker.listContainers({ filters: { name: [`${rig.workspace}-web`] } });
    const removal = await docker.getContainer(container?.Id ?? '').exec({ Cmd: ['rm', '/tmp/sign'] });
    await removal.start({});
    await shows(({ health, restarts }) => health === 'healthy' && restarts > 0);
    expect(row).toMatchObject({ state: 'running', restarts: 1 });
    const after = await docker.listContainers({ filters: { name: [`${rig.workspace}-web`] } });
    expect(after.map(({ Id }) => Id)).toEqual([container?.Id]);
    expect(await watching.end('SIGINT')).toBe(0);
    expect(await rig.ps('web')).toMatchObject({ state: 'running' });
  });
});
