import { expect, test } from 'vitest';
import { createRig } from '../support/rig.ts';
import { copyExample, getJson, type Answer } from './example.ts';

const agents = { router: 18080, greeter: 18081, retriever: 18082 };

test('the quickstart is planned, applied, healthy, reachable through its dependencies, and destroyed', async () => {
  await using rig = createRig({ project: 'none' });
  const example = await copyExample(rig, 'quickstart', {
    ports: Object.values(agents),
    environment: { GREETING: 'Moin' },
  });
  const url = (agent: keyof typeof agents): string => `http://127.0.0.1:${String(example.port(agents[agent]))}`;

  await example.aac(0, 'validate');
  await example.aac(2, 'plan', '--detailed-exitcode');
  expect(rig.processes()).toEqual([]);

  const applied = await example.aac(0, 'apply', '--auto-approve');
  for (const agent of ['router', 'greeter', 'retriever'] as const) {
    expect(applied).toContain(url(agent));
    expect(await getJson(`${url(agent)}/health`)).toMatchObject({ status: 'ok', agent });
  }

  const greeted = (await getJson(`${url('router')}/chat`, 'hello, what is drift?')) as Answer;
  expect(greeted).toMatchObject({ agent: 'router', via: ['greeter', 'retriever'] });
  expect(greeted.reply).toMatch(/^Moin! Drift is /);
  expect(await getJson(`${url('router')}/chat`, 'what is a plan?')).toMatchObject({ via: ['retriever'] });

  await example.aac(0, 'plan', '--detailed-exitcode');

  await example.aac(0, 'destroy', '--auto-approve');
  await expect(getJson(`${url('router')}/health`)).rejects.toThrow();
  expect(rig.processes()).toEqual([]);
  await example.aac(2, 'plan', '--detailed-exitcode');
});
