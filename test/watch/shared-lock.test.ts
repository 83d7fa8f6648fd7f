import { expect, test } from 'vitest';
import { err, ok } from '../../src/util/result.ts';
import { createSharedLock } from '../../src/watch/shared-lock.ts';

const never = new AbortController().signal;

test('is taken once by several holders and given back by the last', async () => {
  const log: string[] = [];
  const lock = createSharedLock(async () => {
    log.push('taken');
    return ok({ [Symbol.asyncDispose]: async () => void log.push('given back') });
  });
  const [one, other] = await Promise.all([lock.hold(never), lock.hold(never)]);
  if (!one.ok || !other.ok) throw new Error('it was not had');
  await one.value[Symbol.asyncDispose]();
  expect(log).toEqual(['taken']);
  await other.value[Symbol.asyncDispose]();
  expect(log).toEqual(['taken', 'given back']);
  expect((await lock.hold(never)).ok).toBe(true);
  expect(log).toEqual(['taken', 'given back', 'taken']);
});

test('that could not be had is tried for anew by the next', async () => {
  let tries = 0;
  const lock = createSharedLock(async () =>
    ++tries === 1 ? err('in use') : ok({ [Symbol.asyncDispose]: async () => undefined }),
  );
  expect(await Promise.all([lock.hold(never), lock.hold(never)])).toEqual([err('in use'), err('in use')]);
  expect((await lock.hold(never)).ok).toBe(true);
});
