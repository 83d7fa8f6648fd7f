import { describe, expect, it } from 'vitest';
import { fieldPath } from '../../src/model/field-path.ts';
import type { PlanFeature } from '../../src/plan/fail-on.ts';
import { plan } from '../../src/plan/plan.ts';
import { agent, desire, observe, standing, volume } from '../support/planning.ts';

const cpu = fieldPath('resources', 'limits', 'cpu');
const desired = desire([
  agent('new'),
  agent('replaced', { image: 'web:2' }),
  agent('stopped'),
  agent('updated', { limits: { cpu: 2 } }),
]);
const observed = observe([
  standing(agent('gone')),
  standing(agent('replaced')),
  standing(agent('stopped'), { phase: 'exited', exitCode: 1 }),
  standing(agent('updated'), { live: { [cpu]: 1 }, journaled: true }),
]);

function saidOf(...features: readonly PlanFeature[]): readonly (readonly [string, string | undefined])[] {
  const { diagnostics } = plan(desired, observed, { failOn: new Set(features) });
  return diagnostics
    .filter(({ code, severity }) => code === 'fail-on' && severity === 'error')
    .map(({ message, range }) => [message, range?.file]);
}

describe('what a plan must not hold', () => {
  it('is an error that names the resources and points at the line behind the first', () => {
    expect(saidOf('create', 'start', 'update', 'replace', 'destroy', 'data-loss')).toEqual([
      ['the plan would delete `agent/gone/0`, and `--fail-on destroy` forbids it', undefined],
      ['the plan would create `agent/new/0`, and `--fail-on create` forbids it', 'new.agent.yaml'],
      ['the plan would replace `agent/replaced/0`, and `--fail-on replace` forbids it', 'replaced.agent.yaml'],
      ['the plan would start `agent/stopped/0`, and `--fail-on start` forbids it', 'stopped.agent.yaml'],
      ['the plan would update in place `agent/updated/0`, and `--fail-on update` forbids it', 'updated.agent.yaml'],
    ]);
  });

  it('may be drift', () => {
    expect(saidOf('drift').map(([message]) => message)).toEqual([
      'the plan would undo what was changed outside aac at `agent/stopped/0`, `agent/updated/0`, and `--fail-on drift` forbids it',
    ]);
  });

  it('may be the loss of data', () => {
    const made = plan(desire([]), observe([standing(volume('data'))]), {
      destroy: { volumes: true },
      failOn: new Set(['data-loss'] as const),
    });
    expect(made.diagnostics).toMatchObject([{ code: 'fail-on', address: 'volume/data' }]);
  });

  it('is no matter where the plan does not hold it', () => {
    const same = plan(desire([agent('web')]), observe([standing(agent('web'))]), {
      failOn: new Set(['create', 'start', 'update', 'replace', 'destroy', 'drift', 'data-loss'] as const),
    });
    expect(same.diagnostics).toEqual([]);
  });
});
