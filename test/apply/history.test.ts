import { describe, expect, it } from 'vitest';
import { history } from '../../src/apply/history.ts';
import type { JournalEntry, NodeFinished } from '../../src/apply/journal-entry.ts';
import type { Address } from '../../src/model/address.ts';
import type { DriverName } from '../../src/model/agent.ts';
import { fieldPath } from '../../src/model/field-path.ts';

const at = '2026-01-01T00:00:00.000Z';
const web = 'agent/web/0' as Address;

function started(apply: string, directory = '/one', drivers: readonly DriverName[] = ['docker']): JournalEntry {
  return {
    type: 'apply-started',
    at,
    apply,
    digest: 'd',
    directory,
    command: 'apply',
    drivers,
    user: 'u',
    host: 'h',
    pid: 1,
  };
}

function finished(apply: string): JournalEntry {
  return { type: 'apply-finished', at, apply, status: 'succeeded' };
}

function node(apply: string, verb: NodeFinished['verb'], fields: Partial<NodeFinished> = {}): JournalEntry {
  return {
    type: 'node-finished',
    at,
    apply,
    address: web,
    verb,
    driver: 'docker',
    kind: 'agent',
    name: 'shop-web-0-a',
    generation: 1,
    status: 'succeeded',
    ...fields,
  };
}

describe('history', () => {
  it('of nothing is nothing', () => {
    expect(history([])).toEqual({
      applied: new Set(),
      drivers: new Set(),
      updates: new Map(),
      forgotten: new Set(),
      revisions: [],
    });
  });

  it('knows what was created and not removed since', () => {
    const entries = [started('1'), node('1', 'create'), finished('1')];
    expect(history(entries).applied).toEqual(new Set([web]));
    expect(history([...entries, started('2'), node('2', 'remove'), finished('2')]).applied).toEqual(new Set());
  });

  it('still counts an agent whose predecessor was removed after it was made', () => {
    const next = { name: 'shop-web-0-b', generation: 2 };
    const entries = [started('1'), node('1', 'create'), node('1', 'create', next), node('1', 'remove'), finished('1')];
    expect(history(entries).applied).toEqual(new Set([web]));
    expect(history([...entries, node('2', 'remove', next)]).applied).toEqual(new Set());
  });

  it('forgets what was let go of, until aac works on that object again', () => {
    const made = [started('1'), node('1', 'create', { ref: 'r1' }), finished('1')];
    const object = { address: web, driver: 'docker', kind: 'agent', name: 'shop-web-0-a', ref: 'r1' } as const;
    const who = { type: 'forgotten', at, apply: '2', user: 'u', host: 'h', pid: 1 } as const;
    const entries = [...made, { ...who, objects: [object] }];
    const after = history(entries);
    expect([after.forgotten, after.applied, after.drivers]).toEqual([new Set(['r1']), new Set(), new Set()]);
    expect(history([...entries, node('3', 'update', { ref: 'r1' })]).forgotten).toEqual(new Set());
  });

  it('forgets all of a driver that was let go of, and counts what it makes later', () => {
    const cut = [started('1', '/one', ['docker', 'process']), node('1', 'create')];
    const entries: readonly JournalEntry[] = [
      ...cut,
      { type: 'forgotten', at, apply: '2', user: 'u', host: 'h', pid: 1, driver: 'docker' },
    ];
    expect([history(entries).drivers, history(entries).applied]).toEqual([new Set(['process']), new Set()]);
    expect(history([...entries, node('3', 'create')]).drivers).toEqual(new Set(['process', 'docker']));
  });

  it('does not count what failed to be made', () => {
    expect(history([started('1'), node('1', 'create', { status: 'failed' }), finished('1')]).applied).toEqual(
      new Set(),
    );
  });

  it('of one directory counts only what was applied from there, and all removals', () => {
    const entries = [started('1', '/one'), node('1', 'create'), finished('1')];
    expect(history(entries, '/one').applied).toEqual(new Set([web]));
    expect(history(entries, '/two').applied).toEqual(new Set());
    expect(history([...entries, started('2', '/two'), node('2', 'remove')], '/one').applied).toEqual(new Set());
  });

  it('knows the drivers that may hold something', () => {
    const entries = [started('1'), node('1', 'create'), finished('1')];
    expect(history(entries).drivers).toEqual(new Set(['docker']));
    expect(history([...entries, started('2'), node('2', 'remove'), finished('2')]).drivers).toEqual(new Set());
  });

  it('reckons with what a failed create may have left', () => {
    const entries = [started('1'), node('1', 'create', { status: 'failed' }), finished('1')];
    expect(history(entries).drivers).toEqual(new Set(['docker']));
  });

  it('reckons with what an apply that was killed may have left', () => {
    const entries = [started('1', '/one', ['docker', 'process']), started('2', '/one', []), finished('2')];
    expect(history(entries).drivers).toEqual(new Set(['docker', 'process']));
  });

  it('knows of an object that it was made and never updated', () => {
    const entries = [started('1'), node('1', 'create', { ref: 'r1' }), finished('1')];
    expect(history(entries).updates).toEqual(new Map([['r1', {}]]));
  });

  it('adds up what was set in place, until the object is removed', () => {
    const [cpu, memory] = [fieldPath('resources', 'limits', 'cpu'), fieldPath('resources', 'limits', 'memory')];
    const entries = [
      started('1'),
      node('1', 'update', { ref: 'r1', fields: { [cpu]: 1, [memory]: 1 } }),
      node('1', 'update', { ref: 'r1', fields: { [memory]: 2 } }),
      node('1', 'update', { ref: 'r1', fields: { [memory]: 3 }, status: 'failed' }),
      finished('1'),
    ];
    expect(history(entries).updates).toEqual(new Map([['r1', { [cpu]: 1, [memory]: 2 }]]));
    expect(history([...entries, node('2', 'remove', { ref: 'r1' })]).updates).toEqual(new Map());
  });
});
