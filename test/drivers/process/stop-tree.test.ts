import { describe, expect, it } from 'vitest';
import { identityOf } from '../../../src/drivers/process/identity.ts';
import { stopTree, type StopOrder } from '../../../src/drivers/process/stop-tree.ts';
import { createFakeClock, createFakeSystem, fakeProcess } from './fake-system.ts';

const cookie = 'w/web/0f';
const latch = fakeProcess(100, { cookie });
const child = fakeProcess(101, { cookie, pgid: 100, sid: 100 });
const escaped = fakeProcess(102, { cookie });
const stranger = fakeProcess(200, { cookie: 'w/other/0f' });

function order(more: Partial<StopOrder> = {}): StopOrder {
  return {
    cookie,
    latch: identityOf(latch, 'this boot'),
    signal: 'SIGTERM',
    gracePeriod: 1_000,
    abort: new AbortController().signal,
    ...more,
  };
}

describe('stopping a tree', () => {
  it('asks the group once and those outside of it each, and is done when they are gone', async () => {
    const system = createFakeSystem([latch, child, escaped, stranger]);
    expect(await stopTree(system, createFakeClock(), order())).toEqual([]);
    expect(system.sent).toEqual(['SIGTERM -100', 'SIGTERM 102']);
    expect(system.running).toEqual([stranger]);
  });

  it('kills what is still there when the grace period is over, not before', async () => {
    let now = 0;
    const killedAt: number[] = [];
    const system = createFakeSystem([latch, child], (process, signal) => {
      if (signal === 'SIGKILL') killedAt.push(now);
      return signal === 'SIGKILL' || process === latch;
    });
    expect(
      await stopTree(
        system,
        createFakeClock((time) => (now = time)),
        order(),
      ),
    ).toEqual([]);
    expect(system.sent).toEqual(['SIGTERM -100', 'SIGKILL 101']);
    expect(killedAt).toEqual([1_000]);
  });

  it('searches again, and finds what was started while it was stopping', async () => {
    const late = fakeProcess(103, { cookie });
    const system = createFakeSystem([latch]);
    const clock = createFakeClock();
    let searches = 0;
    system.processes = async () => {
      if (++searches === 2) system.running = [...system.running, late];
      return system.running;
    };
    expect(await stopTree(system, clock, order())).toEqual([]);
    expect(system.sent).toEqual(['SIGTERM -100', 'SIGKILL 103']);
  });

  it('reports what does not even die of SIGKILL', async () => {
    const system = createFakeSystem([latch, escaped], (process) => process !== escaped);
    expect(await stopTree(system, createFakeClock(), order())).toEqual([escaped]);
  });

  it('reaches a member of the session that has hidden its environment', async () => {
    const hidden = fakeProcess(104, { pgid: 104, sid: 100 });
    const system = createFakeSystem([latch, hidden]);
    expect(await stopTree(system, createFakeClock(), order())).toEqual([]);
    expect(system.running).toEqual([]);
  });

  it('leaves alone whoever has the session number by now', async () => {
    const successor = fakeProcess(100, { started: 'later' });
    const friend = fakeProcess(105, { pgid: 100, sid: 100 });
    const system = createFakeSystem([successor, friend, escaped]);
    expect(await stopTree(system, createFakeClock(), order())).toEqual([]);
    expect(system.sent).toEqual(['SIGTERM 102']);
    expect(system.running).toEqual([successor, friend]);
  });

  it('signals nobody for a latch of an earlier boot', async () => {
    const elsewhere = fakeProcess(100);
    const system = createFakeSystem([elsewhere]);
    await stopTree(system, createFakeClock(), order({ latch: { ...identityOf(latch, 'an earlier boot') } }));
    expect(system.sent).toEqual([]);
  });

  it('rejects when it is cut off, and kills nobody then', async () => {
    const over = new AbortController();
    const system = createFakeSystem([latch], () => false);
    const clock = createFakeClock(() => {
      over.abort(new Error('enough'));
    });
    await expect(stopTree(system, clock, order({ abort: over.signal }))).rejects.toThrow('enough');
    expect(system.sent).toEqual(['SIGTERM -100']);
  });
});
