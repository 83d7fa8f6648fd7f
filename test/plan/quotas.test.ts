import { expect, it } from 'vitest';
import { checkQuotas } from '../../src/plan/quotas.ts';
import { agent } from '../support/planning.ts';

const mi = 2 ** 20;

function refused(...parameters: Parameters<typeof checkQuotas>): readonly string[] {
  return checkQuotas(...parameters).map(({ address, message }) => `${address ?? ''}: ${message}`);
}

it('an agent that asks for more than is left of a quota is told what it asked for, what is free and what there is', () => {
  const agents = [
    agent('b', { limits: { memory: 64 * mi }, replicas: 2 }),
    agent('a', { limits: { memory: 100 * mi, cpu: 1e9 } }),
    agent('c', { limits: { memory: 28 * mi } }),
  ];
  expect(refused(agents, { memory: 128 * mi, cpu: 1e9 })).toEqual([
    'agent/b: insufficient memory in the quota of the project: asked 128Mi, free 28Mi, total 128Mi',
  ]);
});

it('replicas count, each of them', () => {
  expect(refused([agent('a', { replicas: 3 })], { agents: 2 })).toEqual([
    'agent/a: insufficient agents in the quota of the project: asked 3, free 2, total 2',
  ]);
});

it('the quota that is too small is shown where it is written', () => {
  const range = {
    file: 'aac.yaml',
    start: { line: 5, column: 5, offset: 50 },
    end: { line: 5, column: 6, offset: 51 },
  };
  const project = { locate: (path: string) => (path === '/quotas/agents' ? range : undefined) };
  expect(checkQuotas([agent('a', { replicas: 3 })], { agents: 2 }, project)).toMatchObject([
    { related: [{ message: 'the quota', range }] },
  ]);
});

it('nothing is refused where there is no quota, or all of it is used', () => {
  const agents = [agent('a', { limits: { memory: 64 * mi } }), agent('b', { limits: { memory: 64 * mi } })];
  expect(refused(agents, {})).toEqual([]);
  expect(refused(agents, { memory: 128 * mi, agents: 2, cpu: 1 })).toEqual([]);
});
