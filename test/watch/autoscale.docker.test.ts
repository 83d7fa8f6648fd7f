import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eventually } from '../drivers/process/rig.ts';
import { describeDocker, dockerClient, dockerEnvironment, removeWorkspace } from '../support/docker.ts';
import { createWatchRig } from './watch-rig.ts';

/** Busy for as long as the file is there. */
const work =
  'while :; do if [ -e /load/on ]; then i=0; while [ $i -lt 500 ]; do i=$((i+1)); done; else sleep 1; fi; done';

describeDocker('a watch over an autoscaled agent', () => {
  it('scales it up under load, and the newest away again once the load has been gone for the delay', async () => {
    await using rig = await createWatchRig({ driver: 'docker', environment: dockerEnvironment() });
    const docker = dockerClient();
    await using _workspace = { [Symbol.asyncDispose]: () => removeWorkspace(docker, rig.workspace) };
    await mkdir(join(rig.project, 'load'));
    await writeFile(join(rig.project, 'load', 'on'), '');
    await writeFile(
      join(rig.project, 'web.agent.yaml'),
      `apiVersion: agent.dev/v1
kind: Agent
metadata: { name: web }
spec:
  image: aac-test/busybox:1
  imagePullPolicy: Never
  command: [sh, -c, ${JSON.stringify(work)}]
  resources: { requests: { cpu: 100m }, limits: { cpu: 200m } }
  volumes: [{ type: bind, source: ./load, target: /load, readOnly: true }]
  scaling: { minReplicas: 1, maxReplicas: 2 }
  autoscaling: { targetCPUUtilizationPercentage: 70, scaleDownDelay: 20s }
  stop: { gracePeriod: 1s }
`,
    );
    const watching = rig.watch('--scale-interval', '1s');
    const running = async (): Promise<readonly string[]> => {
      const containers = await docker.listContainers({ filters: { name: [`${rig.workspace}-web`] } });
      return containers.map(({ Id }) => Id);
    };
    const settles = async (count: number): Promise<readonly string[]> => {
      let ids: readonly string[] = [];
      const showing = () => watching.output();
      await eventually(async () => (ids = await running()).length === count, showing);
      return ids;
    };
    const [first] = await settles(1);
    expect(await settles(2)).toContain(first);
    await eventually(async () => (await rig.aac('watch', '--status')).stdout.includes('web: 2 replicas of 1 to 2'));
    // declared bounds do not fight the load, once the new replica is ready
    await eventually(async () => (await rig.aac('plan', '--detailed-exitcode')).exitCode === 0);
    await rm(join(rig.project, 'load', 'on'));
    await expect.poll(running, { timeout: 90_000, interval: 200 }).toEqual([first]);
    expect(watching.output()).toMatch(/agent\/web\/1 will be created, scaled from 1 to 2: cpu \d+ % of 70 %/);
    expect(watching.output()).toMatch(/agent\/web\/1 will be deleted, scaled from 2 to 1: cpu \d+ % of 70 %/);
    expect(await watching.end('SIGINT')).toBe(0);
  });
});
