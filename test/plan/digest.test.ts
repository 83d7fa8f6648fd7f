import { describe, expect, it } from 'vitest';
import { fieldPath } from '../../src/model/field-path.ts';
import { nowhere } from '../../src/model/source.ts';
import { digestOf } from '../../src/plan/digest.ts';
import { plan } from '../../src/plan/plan.ts';
import { agent, at, desire, observe, standing } from '../support/planning.ts';

const old = agent('web', { image: 'web:1' });
const next = agent('web', { image: 'web:2' });
const digest = plan(desire([next]), observe([standing(old)])).digest;

describe('the digest', () => {
  it('is that of the nodes', () => {
    const made = plan(desire([next]), observe([standing(old)]));
    expect(digestOf(made)).toBe(digest);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('does not depend on engine ids, causes, manifests and lines', () => {
    const elsewhere = { ...next, manifest: 'sub/web.yaml', source: nowhere };
    const moved = { ...standing(old), ref: 'another id', startedAt: 'now', health: 'unhealthy' as const };
    const applied = new Set([at('agent/web/0')]);
    expect(plan(desire([elsewhere]), observe([moved]), { applied }).digest).toBe(digest);
  });

  it('changes with what is done', () => {
    expect(plan(desire([agent('web', { image: 'web:3' })]), observe([standing(old)])).digest).not.toBe(digest);
    expect(plan(desire([next, agent('api')]), observe([standing(old)])).digest).not.toBe(digest);
  });

  it('changes with what is held against an object', () => {
    const paused = standing(old, { live: { [fieldPath('environment', 'A')]: 'b' } });
    const made = plan(desire([next]), observe([paused]));
    expect(made.nodes.map(({ id }) => id)).toEqual(
      plan(desire([next]), observe([standing(old)])).nodes.map(({ id }) => id),
    );
    expect(made.digest).not.toBe(digest);
  });

  it('of two plans that only differ in their order of work is not the same', () => {
    const made = plan(desire([next]), observe([standing(old)]));
    const loose = made.nodes.map((node) => ({ ...node, dependsOn: [] }));
    expect(digestOf({ ...made, nodes: loose })).not.toBe(digest);
  });
});
