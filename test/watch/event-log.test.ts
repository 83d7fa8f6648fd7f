import { expect, test } from 'vitest';
import { beginSupervision } from '../../src/watch/restart-policy.ts';
import { agentEventsOf } from '../../src/watch/event-log.ts';
import { agentAddress } from '../../src/model/address.ts';
import { agent, standing } from '../support/planning.ts';

const web = { agent: standing(agent('web')), supervision: beginSupervision('ref', '') };
const address = agentAddress('web', 0);
const unhealthy = { type: 'unhealthy', address, message: 'no answer' } as const;

test('health is told in the name of the driver, except where the engine does that', () => {
  expect(agentEventsOf(unhealthy, 5, [web], () => false)).toEqual([
    {
      source: web.agent.driver,
      type: 'health',
      at: 5,
      address,
      name: web.agent.name,
      ref: web.agent.ref,
      health: 'unhealthy',
      detail: 'no answer',
    },
  ]);
  expect(agentEventsOf(unhealthy, 5, [web], () => true)).toEqual([]);
  expect(agentEventsOf(unhealthy, 5, [], () => false)).toEqual([]);
});

test('each of those that depend on what is not well is told of', () => {
  const dependents = [agentAddress('api', 0), agentAddress('api', 1)];
  expect(agentEventsOf({ type: 'dependency-unwell', address, dependents }, 5, [], () => false)).toEqual(
    dependents.map((each) => ({ source: 'aac', type: 'dependency-unwell', at: 5, address: each, dependency: address })),
  );
});
