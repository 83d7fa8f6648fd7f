import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { deadlineSignal } from '../../src/util/deadline.ts';

test('a deadline within a composite comes, although the collector has been there and nobody else holds it', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const composite = AbortSignal.any([new AbortController().signal, deadlineSignal(50)]);
  const aborted = once(composite, 'abort');
  collect();
  await aborted;
  expect(composite.reason).toMatchObject({ name: 'TimeoutError' });
});
