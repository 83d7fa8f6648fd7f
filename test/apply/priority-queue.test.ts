import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PriorityQueue } from '../../src/apply/priority-queue.ts';

it('gives what was put in, smallest first', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (numbers) => {
      const queue = new PriorityQueue<number>((number) => number);
      for (const number of numbers) queue.push(number);
      const sorted = [...numbers].sort((left, right) => left - right);
      expect(queue.peek()).toBe(sorted[0]);
      expect(numbers.map(() => queue.pop())).toEqual(sorted);
      expect(queue.pop()).toBeUndefined();
      expect(queue.size).toBe(0);
    }),
  );
});

it('takes about n log n comparisons', () => {
  let ranked = 0;
  const queue = new PriorityQueue<number>((number) => ((ranked += 1), number));
  const count = 4_096;
  for (let index = 0; index < count; index += 1) queue.push((index * 2_654_435_761) % count);
  for (let index = 0; index < count; index += 1) queue.pop();
  expect(ranked).toBeLessThan(8 * count * Math.log2(count));
});
