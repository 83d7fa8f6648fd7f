import { describe, expect, it } from 'vitest';
import { isQuarantined, quarantineOf } from '../../src/apply/quarantine.ts';
import type { Address, TemplateAddress } from '../../src/model/address.ts';
import type { Revision, RevisionStep } from '../../src/model/revision.ts';

const web = 'agent/web' as TemplateAddress;

function step(verb: RevisionStep['verb'], code?: RevisionStep['code'], address = 'agent/web/0'): RevisionStep {
  const status = code === undefined ? 'succeeded' : 'failed';
  return { at: '', address: address as Address, verb, status, ...(code === undefined ? {} : { code }) };
}

function revision(
  number: number,
  manifest: string,
  steps: readonly RevisionStep[],
  more: Partial<Revision> = {},
): Revision {
  return {
    revision: number,
    at: '',
    user: 'u',
    host: 'h',
    command: 'aac apply',
    digest: 'd',
    directory: '/',
    changes: {},
    status: 'succeeded',
    steps,
    manifests: { [web]: manifest },
    ...more,
  };
}

const failed = revision(1, 'new', [step('create'), step('start'), step('wait', 'not-ready')]);

describe('quarantine', () => {
  it('holds the manifest whose agent did not get ready or did not start, and no other', () => {
    const quarantine = quarantineOf([failed]);
    expect(quarantine.get(web)).toEqual({ manifest: 'new', revision: 1, reason: 'failed' });
    expect(isQuarantined(quarantine, web, 'new')).toBe(true);
    expect(isQuarantined(quarantine, web, 'newer')).toBe(false);
    expect(quarantineOf([revision(1, 'new', [step('start', 'invalid')])]).size).toBe(1);
  });

  it('is not for what another try may mend: a pull, an engine that was away, a world that moved', () => {
    const steps = [
      step('pull', 'timeout'),
      step('create', 'conflict'),
      step('start', 'moved'),
      step('wait', 'unreachable'),
    ];
    for (const each of steps) expect(quarantineOf([revision(1, 'new', [each])]).size).toBe(0);
  });

  it('ends with a later apply that succeeds, and not with one that does not touch the agent', () => {
    expect(quarantineOf([failed, revision(2, 'new', [step('create', undefined, 'agent/api/0')])]).size).toBe(1);
    expect(quarantineOf([failed, revision(2, 'new', [step('start'), step('wait')])]).size).toBe(0);
    expect(quarantineOf([failed, revision(2, 'newer', [step('create'), step('wait')])]).size).toBe(0);
  });

  it('holds what a rollback turned away from', () => {
    const back = revision(2, 'old', [step('create'), step('wait')], { rollbackTo: 1, abandoned: { [web]: 'new' } });
    expect(quarantineOf([failed, back]).get(web)).toEqual({ manifest: 'new', revision: 2, reason: 'rolled-back' });
  });
});
