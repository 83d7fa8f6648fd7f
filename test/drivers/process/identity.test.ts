import { describe, expect, it } from 'vitest';
import { findSame, identityOf, signalVerified, type Identity } from '../../../src/drivers/process/identity.ts';
import { sendSignal, signalName, stopSignal } from '../../../src/drivers/process/send-signal.ts';
import { createFakeSystem, fakeProcess } from './fake-system.ts';

const agent = fakeProcess(100, { cookie: 'w/web/0f' });
const identity = identityOf(agent, 'this boot');

describe('a signal', () => {
  it('reaches the very process, or its group', async () => {
    const system = createFakeSystem([agent], () => false);
    expect(await signalVerified(system, identity, 'SIGTERM', 'process')).toBe(true);
    expect(await signalVerified(system, identity, 'SIGTERM', 'group')).toBe(true);
    expect(system.sent).toEqual(['SIGTERM 100', 'SIGTERM -100']);
  });

  it.each<[string, Partial<Identity>]>([
    ['another boot', { bootId: 'another boot' }],
    ['another start', { started: 'earlier' }],
    ['another session', { sid: 7 }],
    ['another cookie', { cookie: 'w/web/ff' }],
    ['no cookie', { cookie: undefined }],
    ['another pid', { pid: 101 }],
  ])('is not sent for a record of %s', async (_, more) => {
    const system = createFakeSystem([agent]);
    expect(await findSame(system, { ...identity, ...more })).toBeUndefined();
    expect(await signalVerified(system, { ...identity, ...more }, 'SIGKILL', 'process')).toBe(false);
    expect(await signalVerified(system, { ...identity, ...more }, 'SIGKILL', 'group')).toBe(false);
    expect(system.sent).toEqual([]);
  });

  it('goes to no group that its process does not lead', async () => {
    const child = fakeProcess(101, { cookie: 'w/web/0f', pgid: 100, sid: 100 });
    const system = createFakeSystem([agent, child]);
    expect(await signalVerified(system, identityOf(child, 'this boot'), 'SIGKILL', 'group')).toBe(false);
    expect(system.sent).toEqual([]);
  });

  it('never goes to everybody, to init or to our own group', () => {
    expect([0, 1, -1, Number.NaN].map((pid) => sendSignal(pid, 'SIGCONT'))).toEqual([false, false, false, false]);
  });

  it('is known by its name, short or long, and its number', () => {
    expect(['SIGTERM', 'term', 'TERM', '15', 'SIGNOPE', ''].map(signalName)).toEqual([
      ...Array.from({ length: 4 }, () => 'SIGTERM'),
      undefined,
      undefined,
    ]);
    expect(stopSignal('INT')).toBe('SIGINT');
    expect(stopSignal('SIGNOPE')).toBe('SIGTERM');
  });
});
