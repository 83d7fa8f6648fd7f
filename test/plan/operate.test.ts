import { describe, expect, it } from 'vitest';
import { planOperation, type OperationOrder } from '../../src/plan/operate.ts';
import type { ObservedResource } from '../../src/model/observed.ts';
import type { ResourceTemplate } from '../../src/model/desired.ts';
import { expectGolden } from '../support/golden.ts';
import { planText } from '../support/plan-text.ts';
import { agent, desire, standing, tcpCheck, type StandingParts } from '../support/planning.ts';

const database = agent('db', { check: tcpCheck, gracePeriod: 5_000 });
const web = agent('web', { dependsOn: [['db', 'ready']], replicas: 2 });
const all: readonly ResourceTemplate[] = [database, web];

function agents(parts: StandingParts): readonly ObservedResource[] {
  return [standing(web, parts), standing(web, { ...parts, index: 1 }), standing(database, parts)];
}

function operation(order: OperationOrder, objects: readonly ObservedResource[]) {
  const { workspace, scope, templates } = desire(all);
  return planOperation(order, objects, { workspace, scope, templates });
}

describe('stopping, starting and restarting by name', () => {
  it.each(['stop', 'restart'] as const)('%ss dependents before what they stand on', (type) => {
    expectGolden(`plan/operate/${type}.txt`, planText(operation({ type }, agents({ phase: 'running' }))));
  });

  it('starts what others stand on first, and them when it is ready', () => {
    expectGolden('plan/operate/start.txt', planText(operation({ type: 'start' }, agents({ phase: 'exited' }))));
  });

  it('leaves what is as it should be, and says so', () => {
    const stopped = operation({ type: 'stop' }, agents({ phase: 'exited' }));
    expect(stopped.nodes).toEqual([]);
    expect(stopped.changes.map(({ action, notes }) => [action, notes])).toEqual(
      Array.from({ length: 3 }, () => ['no-op', ['it does not run']]),
    );
    expect(operation({ type: 'start' }, agents({ phase: 'running' })).nodes).toEqual([]);
  });

  it('restarts what does not run by starting it', () => {
    const { nodes } = operation({ type: 'restart' }, [standing(database, { phase: 'exited' })]);
    expect(nodes.map(({ id }) => id)).toEqual(['start agent/db/0', 'wait ready agent/db/0']);
    expect(nodes[0]?.precondition).toBeDefined();
  });

  it('gives each agent its own grace period unless told otherwise', () => {
    const stop = (order: Partial<OperationOrder>) =>
      operation({ type: 'stop', ...order }, [standing(database, { phase: 'running' })]).nodes[0]?.step;
    expect(stop({})).toMatchObject({ gracePeriod: 5_000 });
    expect(stop({ gracePeriod: 0 })).toMatchObject({ gracePeriod: 0 });
  });

  it('stops every generation that a rollout left, and starts the newest', () => {
    const generations = (phase: 'running' | 'exited') =>
      [1, 2].map((generation) => standing(database, { phase, generation }));
    const stopped = operation({ type: 'stop' }, generations('running'));
    expect(stopped.nodes.map(({ id }) => id)).toEqual([
      'stop agent/db/0 (generation 1)',
      'stop agent/db/0 (generation 2)',
    ]);
    expect(stopped.changes).toHaveLength(1);
    const { nodes } = operation({ type: 'start' }, generations('exited'));
    expect(nodes.map(({ step }) => step.target.generation)).toEqual([2, 2]);
  });

  it('knows an agent that nobody declares by its record', () => {
    const { workspace, scope } = desire([]);
    const { nodes } = planOperation({ type: 'start', waitTimeout: 1_000 }, [standing(database, { phase: 'exited' })], {
      workspace,
      scope,
    });
    expect(nodes.at(-1)?.step).toMatchObject({ verb: 'wait', until: 'ready', check: tcpCheck, deadline: 1_000 });
  });

  it('is the same plan whatever the order of the agents', () => {
    const running = agents({ phase: 'running' });
    expect(operation({ type: 'restart' }, [...running].reverse())).toEqual(operation({ type: 'restart' }, running));
  });
});
