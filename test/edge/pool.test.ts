import { expect, it } from 'vitest';
import { Pool } from '../../src/edge/pool.ts';

const ready = { host: 'h', state: 'ready' } as const;
const draining = { host: 'h', state: 'draining' } as const;
const ids = (pool: Pool, targets: Record<string, typeof ready | typeof draining>, now = 0): string[] =>
  pool.order(targets, now).map(({ id }) => id);

it('the replica with the fewest connections comes first', () => {
  const pool = new Pool();
  const release = pool.take('a');
  pool.take('a');
  pool.take('b');
  expect(ids(pool, { a: ready, b: ready, c: ready })).toEqual(['c', 'b', 'a']);
  release();
  release();
  expect(pool.open('a')).toBe(1);
});

it('replicas that are equally busy take turns', () => {
  const pool = new Pool();
  const firsts = Array.from({ length: 6 }, () => ids(pool, { a: ready, b: ready, c: ready })[0]);
  expect(new Set(firsts.slice(0, 3))).toEqual(new Set(['a', 'b', 'c']));
  expect(firsts.slice(3)).toEqual(firsts.slice(0, 3));
});

it('a replica that just failed comes after the others for a while, and draining ones come last', () => {
  const pool = new Pool();
  pool.doubt('a', 1000);
  expect(ids(pool, { a: ready, b: draining, c: ready }, 1500)).toEqual(['c', 'a', 'b']);
  pool.take('c');
  expect(ids(pool, { a: ready, b: draining, c: ready }, 2001)).toEqual(['a', 'c', 'b']);
});
