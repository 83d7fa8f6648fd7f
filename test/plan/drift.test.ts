import { describe, expect, it } from 'vitest';
import { fieldPath } from '../../src/model/field-path.ts';
import { plan } from '../../src/plan/plan.ts';
import { expectGolden } from '../support/golden.ts';
import { planText } from '../support/plan-text.ts';
import { agent, at, desire, observe, secret, standing } from '../support/planning.ts';

const web = agent('web', { environment: { LEVEL: 'info', TOKEN: secret('token') } });

describe('drift', () => {
  it('a field that the world moved is restored by a replacement that says so', () => {
    const moved = standing(web, {
      live: { [fieldPath('environment', 'LEVEL')]: 'debug', [fieldPath('environment', 'TOKEN')]: { from: 'drifted' } },
    });
    expectGolden('plan/drift/fields.txt', planText(plan(desire([web]), observe([moved]))));
  });

  it('what nobody declared is no drift', () => {
    const grown = standing(web, {
      live: { [fieldPath('environment', 'PATH')]: '/bin', [fieldPath('command')]: ['x'] },
    });
    const made = plan(desire([web]), observe([grown]));
    expect([made.nodes, made.drift]).toEqual([[], []]);
  });

  it('a field that both moved is a change, with the drift beside it', () => {
    const moved = standing(web, { live: { [fieldPath('environment', 'LEVEL')]: 'debug' } });
    const after = agent('web', { environment: { LEVEL: 'warn', TOKEN: secret('token') } });
    const made = plan(desire([after]), observe([moved]));
    expect(made.changes[0]).toMatchObject({
      cause: { type: 'changed' },
      fields: [{ origin: 'change', before: 'debug', after: 'warn' }],
    });
    expect(made.drift[0]).toMatchObject({ type: 'fields', fields: [{ before: 'info', after: 'debug' }] });
  });

  it('a container that runs another image than the recorded one has had its image moved', () => {
    const moved = standing(web, { live: { [fieldPath('image')]: 'evil:1' } });
    const made = plan(desire([web]), observe([moved]));
    expect(made.drift).toMatchObject([{ type: 'image-moved' }]);
    expect(made.changes[0]?.cause).toEqual({ type: 'drifted' });
  });

  it('an agent that restarts on failure and exited 0 is done, and no drift', () => {
    const job = agent('job', { restart: 'on-failure' });
    const done = plan(desire([job]), observe([standing(job, { phase: 'exited', exitCode: 0 })]));
    expect(done).toMatchObject({ nodes: [], drift: [] });
    const failed = plan(desire([job]), observe([standing(job, { phase: 'exited', exitCode: 1 })]));
    expect(failed.nodes.map(({ id }) => id)).toContain('start agent/job/0');
  });

  it.each(['exited', 'paused'] as const)('an agent that is %s is started', (phase) => {
    const made = plan(desire([web]), observe([standing(web, { phase })]));
    expect(made.changes).toMatchObject([{ action: 'start', cause: { type: 'not-running', phase } }]);
    expect(made.drift).toMatchObject([{ type: 'not-running' }]);
    expect(made.nodes.map(({ id, precondition }) => [id, precondition !== undefined])).toEqual([
      ['start agent/web/0', true],
      ['wait ready agent/web/0', false],
    ]);
  });

  it('an agent that was made and never started is no drift', () => {
    const made = plan(desire([web]), observe([standing(web, { phase: 'created' })]));
    expect(made.changes).toMatchObject([{ action: 'start' }]);
    expect(made.drift).toEqual([]);
  });

  it('an agent that keeps crashing is left to its restart policy, with a warning', () => {
    const crashing = standing(web, { phase: 'restarting', restarts: 7 });
    expectGolden('plan/drift/restarting.txt', planText(plan(desire([web]), observe([crashing]))));
  });
});

describe('a one-shot', () => {
  const job = agent('job', { restart: 'never' });

  it.each([
    ['that runs needs nothing', 'running', undefined, []],
    ['that has exited 0 is done', 'exited', 0, []],
    ['that has failed starts again', 'exited', 3, ['start agent/job/0', 'wait completed agent/job/0']],
  ] as const)('%s', (_, phase, exitCode, ids) => {
    const object = standing(job, { phase, ...(exitCode === undefined ? {} : { exitCode }) });
    const made = plan(desire([job]), observe([object]));
    expect(made.nodes.map(({ id }) => id)).toEqual(ids);
    expect(made.drift).toEqual([]);
  });

  it('that is gone asks before it runs once more', () => {
    const made = plan(desire([job]), observe([]), { applied: new Set([at('agent/job/0')]) });
    expect(made.changes).toMatchObject([{ action: 'create', cause: { type: 'missing' }, approval: { type: 'rerun' } }]);
    expect(plan(desire([job]), observe([])).changes[0]?.approval).toBeUndefined();
  });
});
