import { expect, test } from 'vitest';
import { agentContainer, docker, freeRange, objectsOf, runIn } from '../e2e/engine-view.ts';
import { describeDocker, sharesNetwork } from '../support/docker.ts';
import { createRig } from '../support/rig.ts';
import { copyExample, getJson } from './example.ts';

const seenByUptime = { seen: { latency: { up: true }, self: { up: true } } };

describeDocker('manifests/monitors', () => {
  test('see each other and themselves, have ports of their own, and may be given more cpu', async (context) => {
    await using rig = createRig({ docker: true, project: 'none' });
    const first = await freeRange(3);
    const example = await copyExample(rig, 'monitors', {
      ports: [],
      replacements: { '18310-18312': `${String(first)}-${String(first + 2)}` },
      environment: { NODE_IMAGE: 'aac-test/node:20' },
    });
    await example.aac(0, 'validate');
    await example.aac(0, 'apply', '--auto-approve');
    await example.aac(0, 'plan', '--detailed-exitcode');
    const latency = docker().getContainer((await agentContainer(rig.workspace, 'latency/0')).Id);
    const script = "fetch('http://uptime:8080/').then((r) => r.text()).then(console.log)";
    await expect
      .poll(async () => JSON.parse((await runIn(latency, ['node', '-e', script])).output) as unknown, patiently)
      .toMatchObject(seenByUptime);
    expect(await example.aac(0, 'logs', 'disk')).toContain('spool is up');

    await latency.update({ NanoCpus: 3e8 });
    await example.aac(0, 'plan', '--detailed-exitcode');

    if (await sharesNetwork(docker())) {
      for (const port of [first, first + 1]) {
        await expect.poll(() => getJson(`http://127.0.0.1:${String(port)}`), patiently).toMatchObject(seenByUptime);
      }
      const { NetworkSettings } = await latency.inspect();
      const free = NetworkSettings.Ports['8080/tcp']?.[0]?.HostPort ?? '';
      expect(await getJson(`http://127.0.0.1:${free}`)).toMatchObject({ seen: { uptime: { up: true } } });
    } else await context.annotate('published ports of this engine are out of reach');

    await example.aac(0, 'destroy', '--auto-approve');
    expect(await objectsOf(rig.workspace)).toEqual({ containers: [], networks: [], volumes: [] });
  });
});

const patiently = { timeout: 30_000, interval: 200 };
