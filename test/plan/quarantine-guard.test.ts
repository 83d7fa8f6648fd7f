import { describe, expect, it } from 'vitest';
import { undeclaredManifest } from '../../src/model/revision.ts';
import { manifestHashOf } from '../../src/plan/manifest-hash.ts';
import { plan } from '../../src/plan/plan.ts';
import { agent, desire, observe, standing } from '../support/planning.ts';

const old = agent('web', { image: 'web:1' });
const next = agent('web', { image: 'web:2' });
const guard = (binds: boolean, manifest = manifestHashOf(next)) => ({
  quarantine: { manifests: new Map([[next.address, { manifest, why: 'its rollout failed as revision 3' }]]), binds },
});

describe('a manifest in quarantine', () => {
  it('is left alone by a watch, while the rest is planned', () => {
    const made = plan(desire([next, agent('api')]), observe([standing(old)]), guard(true));
    expect(made.changes).toMatchObject([
      { address: 'agent/api/0', action: 'create' },
      {
        address: 'agent/web/0',
        action: 'no-op',
        notes: ['left as it is until its manifest changes: its rollout failed as revision 3'],
      },
    ]);
    expect(made.nodes.every(({ step }) => step.address !== 'agent/web/0')).toBe(true);
  });

  it('is planned for a person, who is told', () => {
    const made = plan(desire([next]), observe([standing(old)]), guard(false));
    expect(made.changes).toMatchObject([
      { action: 'replace', notes: ['its rollout failed as revision 3', expect.anything()] },
    ]);
  });

  it('is an error for whoever asks for that, with the reason and the way out', () => {
    const failing = { ...guard(false), failOn: new Set(['quarantined'] as const) };
    expect(plan(desire([next, agent('api')]), observe([standing(old)]), failing).diagnostics).toMatchObject([
      {
        code: 'fail-on',
        address: 'agent/web/0',
        message:
          'the plan would go on with `agent/web/0`, and `--fail-on quarantined` forbids it: its rollout failed as revision 3',
        hint: expect.stringContaining('aac rollback') as never,
        range: { file: 'web.agent.yaml' },
      },
    ]);
    expect(plan(desire([next]), observe([standing(next)]), failing).diagnostics).toEqual([]);
    const looping = observe([standing(next, { restarts: 4 })]); // the engine tries, and a plan has nothing to do
    expect(plan(desire([next]), looping, failing)).toMatchObject({ nodes: [], diagnostics: [{ code: 'fail-on' }] });
  });

  it('is no matter once the manifest is another one', () => {
    const changed = agent('web', { image: 'web:3' });
    expect(plan(desire([changed]), observe([standing(old)]), guard(true)).changes).toMatchObject([
      { action: 'replace' },
    ]);
  });

  it('may be the lack of one: what a rollback brought back is not deleted by a watch', () => {
    const made = plan(desire([]), observe([standing(old)]), guard(true, undeclaredManifest));
    expect(made.nodes).toEqual([]);
  });
});
