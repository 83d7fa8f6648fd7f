import { describe, expect, it } from 'vitest';
import { fallbacksOf } from '../../src/apply/fallbacks.ts';
import type { Address, TemplateAddress } from '../../src/model/address.ts';
import type { Revision, RevisionStep } from '../../src/model/revision.ts';

const web = 'agent/web' as TemplateAddress;

/** A revision that applied one manifest of `web`. */
function applied(revision: number, manifest: string, end: 'well' | 'badly', more: Partial<Revision> = {}): Revision {
  const wait: RevisionStep = {
    at: '',
    address: 'agent/web/0' as Address,
    verb: 'wait',
    ...(end === 'well' ? { status: 'succeeded' } : { status: 'failed', code: 'not-ready' }),
  };
  return {
    revision,
    at: '',
    user: 'u',
    host: 'h',
    command: 'aac watch',
    digest: 'd',
    directory: '/',
    changes: {},
    status: end === 'well' ? 'succeeded' : 'failed',
    steps: [wait],
    manifests: { [web]: manifest },
    ...more,
  };
}

const now = (manifest: string): ReadonlyMap<TemplateAddress, string> => new Map([[web, manifest]]);
const history = [applied(1, 'a', 'well'), applied(2, 'b', 'well'), applied(3, 'c', 'badly'), applied(4, 'd', 'badly')];

describe('what a failed manifest can be rolled back to', () => {
  it('is what its agent was applied with well before, the newest first', () => {
    expect(fallbacksOf(history, now('d'))).toEqual([
      {
        template: web,
        manifest: 'd',
        failed: 4,
        hasBegun: false,
        earlier: [
          { revision: 2, manifest: 'b', first: 2 },
          { revision: 1, manifest: 'a', first: 1 },
        ],
      },
    ]);
  });

  it('is asked for only while that very manifest is in quarantine', () => {
    expect(fallbacksOf(history, now('b'))).toEqual([]);
    expect(fallbacksOf(history, now('e'))).toEqual([]);
    expect(fallbacksOf([...history, applied(5, 'd', 'well')], now('d'))).toEqual([]);
  });

  it('stays the same through the rollback itself and all that is put right after it, also where that fails', () => {
    const abandoned = { abandoned: { [web]: 'd' } };
    const after = [applied(5, 'b', 'well', abandoned), applied(6, 'b', 'well', abandoned)];
    for (const more of [after, [applied(5, 'b', 'badly', abandoned)]]) {
      const [fallback] = fallbacksOf([...history, ...more], now('d'));
      expect(fallback).toMatchObject({ failed: 4, hasBegun: true });
      expect(fallback?.earlier[0]).toMatchObject({ manifest: 'b', first: 2 });
    }
  });

  it('is nothing for one that had been rolled out, and of which a replica failed that was made anew or added', () => {
    const worn = [applied(1, 'a', 'well'), applied(2, 'b', 'well'), applied(3, 'b', 'badly'), applied(4, 'b', 'badly')];
    expect(fallbacksOf(worn, now('b'))).toEqual([]);
    const again = [...worn, applied(5, 'a', 'well'), applied(6, 'b', 'badly')]; // another rollout
    expect(fallbacksOf(again, now('b'))).toMatchObject([
      { failed: 6, earlier: [{ manifest: 'a' }, { manifest: 'a' }] },
    ]);
  });

  it('is nothing for an agent whose first rollout failed', () => {
    expect(fallbacksOf([applied(1, 'a', 'badly')], now('a'))).toMatchObject([{ earlier: [] }]);
  });
});
