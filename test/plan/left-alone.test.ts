import { describe, expect, it } from 'vitest';
import { plan } from '../../src/plan/plan.ts';
import { agent, desire, observe, standing } from '../support/planning.ts';

const crashed = standing(agent('web', { limits: { memory: 100 } }), { phase: 'exited', exitCode: 1 });
const left = new Map([[crashed.ref, 'restarted by the watch in 4 s']]);

describe('an agent that somebody else sees to', () => {
  it('is not started though it does not run, and the change says why', () => {
    const made = plan(desire([agent('web', { limits: { memory: 100 } })]), observe([crashed]), { left });
    expect(made.nodes).toEqual([]);
    expect(made.changes).toMatchObject([{ action: 'no-op', notes: ['restarted by the watch in 4 s'] }]);
  });

  it('is started at once when its manifest has moved', () => {
    const made = plan(desire([agent('web', { limits: { memory: 200 } })]), observe([crashed]), { left });
    expect(made.nodes.map(({ step }) => step.verb)).toContain('start');
  });

  it('is replaced and deleted like any other', () => {
    const replaced = plan(desire([agent('web', { image: 'web:2' })]), observe([crashed]), { left });
    expect(replaced.changes).toMatchObject([{ action: 'replace' }]);
    expect(plan(desire([]), observe([crashed]), { left }).changes).toMatchObject([{ action: 'delete' }]);
  });
});
