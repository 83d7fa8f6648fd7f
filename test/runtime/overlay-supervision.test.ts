import { describe, expect, it } from 'vitest';
import type { ObservedResource } from '../../src/model/observed.ts';
import type { Supervision } from '../../src/model/supervision.ts';
import { overlaySupervision } from '../../src/runtime/overlay-supervision.ts';
import { agent, observe, standing } from '../support/planning.ts';

const life = '2026-01-01T00:00:00.000Z';
const web: ObservedResource = { ...standing(agent('web')), phase: 'running', startedAt: life, restarts: 1 };
const supervision: Supervision = {
  format: 1,
  ref: web.ref,
  life,
  restarts: 3,
  streak: 2,
  failures: [],
  state: { type: 'running' },
  health: 'unhealthy',
};

function seen(object: ObservedResource, remembered: Partial<Supervision>, watched = true): ObservedResource {
  const supervisions = new Map([[object.name, { ...supervision, ...remembered }]]);
  return [...overlaySupervision(observe([object]), supervisions, watched).resources.values()].flat()[0] ?? object;
}

describe('what the supervisor remembers', () => {
  it('adds its restarts and shows the health it found', () => {
    expect(seen(web, {})).toMatchObject({ restarts: 4, health: 'unhealthy' });
  });

  it('says nothing of a successor with the same name, and of a later life only how many there were', () => {
    expect(seen(web, { ref: 'another' })).toEqual(web);
    expect(seen(web, { life: '2025-01-01T00:00:00.000Z' })).toEqual({ ...web, restarts: 4 });
  });

  it('is old when no watch runs: only that it has given up still holds', () => {
    expect(seen(web, {}, false)).toEqual({ ...web, restarts: 4 });
    const exited: ObservedResource = { ...web, phase: 'exited' };
    const waiting = { type: 'waiting', until: 0, because: 'exited' } as const;
    expect(seen(exited, { state: waiting }, false).supervision).toBeUndefined();
    const failed = { type: 'failed', because: 'given up' } as const;
    expect(seen(exited, { state: failed }, false).supervision?.state).toEqual(failed);
  });
});
