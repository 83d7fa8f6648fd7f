import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { objectsOf } from '../e2e/engine-view.ts';
import { describeDocker, dockerClient, sharesNetwork } from '../support/docker.ts';
import { createRig } from '../support/rig.ts';
import { copyExample } from './example.ts';

describeDocker('manifests/support-desk', () => {
  test('answers with a passage that the indexer put into the store, keeps the store, and rolls what changed', async (context) => {
    if (!(await sharesNetwork(dockerClient()))) context.skip('the published port of this engine is out of reach');
    await using rig = createRig({ docker: true, project: 'none' });
    const example = await copyExample(rig, 'support-desk', {
      ports: [18300],
      environment: { NODE_IMAGE: 'aac-test/node:20' },
    });
    const inExample = (file: string): string => join(example.manifests, 'support-desk', file);
    const ask = async (message: string, key = 'demo-key'): Promise<unknown> => {
      const response = await fetch(`http://127.0.0.1:${String(example.port(18300))}/chat`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}` },
        body: JSON.stringify({ message }),
      });
      return await response.json();
    };

    await example.aac(0, 'validate');
    await example.aac(0, 'apply', '--auto-approve');
    expect(await ask('When is a refund paid?')).toEqual({
      reply:
        'Hello from the desk! A refund is paid back to the card it came from, within five working days. Yours, your support team',
      source: 'refunds.md',
    });
    expect(await ask('How long does a delivery take?')).toMatchObject({ source: 'delivery.md' });
    expect(await ask('When is a refund paid?', 'another-key')).toMatchObject({ error: 'a token is missing or wrong' });
    await example.aac(0, 'plan', '--detailed-exitcode');

    writeFileSync(inExample('config/knowledge/delivery.md'), 'A delivery takes one hour by bicycle.\n');
    const planned = await example.aac(2, 'plan', '--detailed-exitcode');
    expect(planned).toContain('agent/indexer/0 will be replaced, because a value it reads changed');
    expect(planned).toContain('Plan: 1 to replace, 5 unchanged.');
    await example.aac(0, 'apply', '--auto-approve');
    expect(await ask('How long does a delivery take?')).toMatchObject({
      reply: expect.stringContaining('one hour by bicycle') as string,
    });

    expect(await example.aac(0, 'destroy', '--auto-approve')).toContain('protected');
    const kept = await objectsOf(rig.workspace);
    expect(kept.containers).toEqual([expect.stringMatching(`^${rig.workspace}-store-0-`)]);
    const store = readFileSync(inExample('store.agent.yaml'), 'utf8');
    writeFileSync(inExample('store.agent.yaml'), store.replace('protect: true', 'protect: false'));
    await example.aac(0, 'destroy', '--auto-approve');
    expect(await objectsOf(rig.workspace)).toEqual({
      containers: [],
      networks: [],
      volumes: [`${rig.workspace}-vectors`],
    });
  });
});
