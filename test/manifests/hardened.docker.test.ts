import { expect, it } from 'vitest';
import { labels } from '../../src/model/labels.ts';
import { describeDocker, dockerClient } from '../support/docker.ts';
import { createRig } from '../support/rig.ts';
import { copyExample } from './example.ts';

describeDocker('manifests/hardened', () => {
  it('runs an agent without rights that reads its secret, and leaves nothing when it is destroyed', async () => {
    await using rig = createRig({ docker: true, project: 'none' });
    const docker = dockerClient();
    const replacements = { 'busybox:1.36': 'aac-test/busybox:1' };
    const example = await copyExample(rig, 'hardened', { ports: [], replacements });
    await example.aac(0, 'validate');
    await example.aac(0, 'apply', '--auto-approve');
    const printed = await example.aac(0, 'logs');
    expect(printed).toContain('user 10001:10001, capabilities 0000000000000000');
    expect(printed).toContain('token of 18 bytes, 400 10001:10001');
    expect(printed).toContain('the root file system is read-only');
    await example.aac(0, 'plan', '--detailed-exitcode');
    await example.aac(0, 'destroy', '--auto-approve');
    const filters = { label: [`${labels.workspace}=${rig.workspace}`] };
    expect(await docker.listContainers({ all: true, filters })).toEqual([]);
    const { Volumes } = await docker.listVolumes();
    expect(Volumes.filter(({ Name }) => Name.startsWith(`${rig.workspace}-`))).toEqual([]);
  });
});
