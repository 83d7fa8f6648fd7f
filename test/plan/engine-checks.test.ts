import { expect, it } from 'vitest';
import type { Facts } from '../../src/model/observed.ts';
import { engineChecks } from '../../src/plan/engine-checks.ts';
import { agent, noFacts } from '../support/planning.ts';

function refused(spec: Record<string, unknown>, facts: Partial<Facts>): readonly string[] {
  const template = agent('web');
  const asked = { ...template, spec: { ...template.spec, ...spec } as typeof template.spec };
  return engineChecks(asked, { ...noFacts, ...facts }).map(({ code }) => code);
}

const root = { imageDetails: new Map([['web:1', { runsAsRoot: true }]]) };

it('an image that runs as root is refused where that is forbidden and no other user is given', () => {
  expect(refused({ security: { runAsNonRoot: true } }, root)).toEqual(['runs-as-root']);
  expect(refused({ security: { runAsNonRoot: true, runAsUser: 1000 } }, root)).toEqual([]);
  expect(refused({ security: {} }, root)).toEqual([]);
  expect(refused({ security: { runAsNonRoot: true } }, {})).toEqual([]); // it has still to be pulled
});

it('a network of others has to be there; one of the project is made', () => {
  const missingNetworks = new Set(['shared']);
  expect(refused({ network: { name: 'shared', external: true } }, { missingNetworks })).toEqual(['network-not-found']);
  expect(refused({ network: { name: 'shared' } }, { missingNetworks })).toEqual([]);
  expect(refused({ network: { name: 'other', external: true } }, { missingNetworks })).toEqual([]);
});

it('a bound on storage is refused where the engine cannot keep it', () => {
  const spec = { resources: { limits: { ephemeralStorage: 1 } } };
  expect(refused(spec, { storage: { driver: 'overlay2 on extfs', bounded: false } })).toEqual(['unsupported-field']);
  expect(refused(spec, { storage: { driver: 'overlay2 on xfs', bounded: true } })).toEqual([]);
  expect(refused({}, { storage: { driver: 'overlay2 on extfs', bounded: false } })).toEqual([]);
});
