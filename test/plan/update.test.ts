import { describe, expect, it } from 'vitest';
import { fieldPath } from '../../src/model/field-path.ts';
import { overlayRecorded } from '../../src/plan/overlay.ts';
import { plan } from '../../src/plan/plan.ts';
import { expectGolden } from '../support/golden.ts';
import { planText } from '../support/plan-text.ts';
import { agent, desire, observe, standing } from '../support/planning.ts';

const memory = fieldPath('resources', 'limits', 'memory');
const cpu = fieldPath('resources', 'limits', 'cpu');
const before = agent('web', { limits: { memory: 100 } });
const after = agent('web', { limits: { memory: 200 } });

describe('updating in place', () => {
  it('a limit that the manifest moved is one update that sets all fields of its kind', () => {
    expectGolden('plan/update/limit.txt', planText(plan(desire([after]), observe([standing(before)]))));
  });

  it('a limit that the world moved is put back as drift, where the journal knows the object', () => {
    const drifted = standing(before, { live: { [memory]: 300 }, journaled: true });
    expectGolden('plan/update/drift.txt', planText(plan(desire([before]), observe([drifted]))));
  });

  it('without the journal it cannot be told who moved a limit, and the steps are the same', () => {
    const drifted = standing(before, { live: { [memory]: 300 } });
    const blind = plan(desire([before]), observe([drifted]));
    const knowing = plan(desire([before]), overlayRecorded(observe([drifted]), new Map([[drifted.ref, {}]])));
    expect(blind.changes[0]?.cause).toEqual({ type: 'unknown' });
    expect(blind.drift[0]?.fields.map(({ origin }) => origin)).toEqual(['unknown']);
    expect(knowing.changes[0]?.cause).toEqual({ type: 'drifted' });
    expect(blind.digest).toBe(knowing.digest);
  });

  it('an earlier update in place that the journal remembers is no drift', () => {
    const updated = standing(before, { live: { [memory]: 200 } });
    const observed = overlayRecorded(observe([updated]), new Map([[updated.ref, { [memory]: 200 }]]));
    const made = plan(desire([before]), observed);
    expect(made.changes[0]).toMatchObject({ action: 'update', cause: { type: 'changed' } });
    expect(made.drift).toEqual([]);
  });

  it('a limit that both moved is a change of the manifest, and drift beside it', () => {
    const drifted = standing(before, { live: { [memory]: 300 }, journaled: true });
    const made = plan(desire([after]), observe([drifted]));
    expect(made.changes[0]).toMatchObject({ cause: { type: 'changed' }, fields: [{ before: 300, after: 200 }] });
    expect(made.drift[0]?.fields).toMatchObject([{ before: 100, after: 300 }]);
  });

  it('a limit that somebody set to what the manifest now says needs nothing', () => {
    const made = plan(desire([after]), observe([standing(before, { live: { [memory]: 200 } })]));
    expect(made.nodes).toEqual([]);
    expect(made.drift).toEqual([]);
  });

  it('a field that cannot be taken away in place forces a replacement when it is', () => {
    const mutable = [{ path: memory, unset: 'replace' as const }];
    const limited = agent('web', { limits: { memory: 100 }, mutable });
    const made = plan(desire([agent('web', { mutable })]), observe([standing(limited)]));
    expect(made.changes[0]).toMatchObject({ action: 'replace', cause: { type: 'changed' } });
    expect(made.changes[0]?.fields).toMatchObject([{ path: memory, forcesReplacement: true }]);
  });

  it('an ignored field is left as somebody set it, also when another is updated', () => {
    const ignoring = agent('web', {
      limits: { memory: 200, cpu: 1 },
      ignore: [fieldPath('resources', 'limits', 'cpu')],
    });
    const old = standing(agent('web', { limits: { memory: 100, cpu: 1 } }), { live: { [cpu]: 2 } });
    const { nodes } = plan(desire([ignoring]), observe([old]));
    expect(nodes).toHaveLength(1);
    expect(nodes[0]?.step).toMatchObject({ verb: 'update', fields: { [memory]: 200, [cpu]: 2 } });
  });

  it('a stopped agent is updated before it is started', () => {
    const stopped = standing(before, { phase: 'exited', exitCode: 1 });
    expectGolden('plan/update/stopped.txt', planText(plan(desire([after]), observe([stopped]))));
  });
});
