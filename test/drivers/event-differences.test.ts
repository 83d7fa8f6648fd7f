import { expect, test } from 'vitest';
import { differences, type Seen } from '../../src/drivers/event-differences.ts';
import { agentAddress } from '../../src/model/address.ts';

const address = agentAddress('web', 0);
const created: Seen = { address, name: 'web-1', phase: 'created', life: '' };
const running = (life: string): Seen => ({ ...created, phase: 'running', life });
const exited = (life: string): Seen => ({ ...created, phase: 'exited', life, exitCode: 3, detail: 'why' });

test.each([
  { name: 'nothing', before: running('1'), after: running('1'), types: [] },
  { name: 'a new object', before: undefined, after: created, types: ['created'] },
  { name: 'a new object that runs already', before: undefined, after: running('1'), types: ['created', 'started'] },
  { name: 'a start', before: created, after: running('1'), types: ['started'] },
  { name: 'an end', before: running('1'), after: exited('1'), types: ['ended'] },
  { name: 'a restart', before: running('1'), after: running('2'), types: ['ended', 'started'] },
  { name: 'a life that came and went', before: exited('1'), after: exited('2'), types: ['started', 'ended'] },
  { name: 'a start under way where it ran', before: running('1'), after: created, types: ['ended'] },
  { name: 'the end of such a start', before: created, after: running('2'), types: ['started'] },
  { name: 'the removal of what stood', before: exited('1'), after: undefined, types: ['removed'] },
  { name: 'the removal of what ran', before: running('1'), after: undefined, types: ['ended', 'removed'] },
])('between two looks $name is told', ({ before, after, types }) => {
  const found = differences(mapOf(before), mapOf(after), 7);
  expect(found.map(({ type }) => type)).toEqual(types);
  for (const event of found) expect(event).toMatchObject({ at: 7, address, name: 'web-1', ref: 'ref' });
});

test('an end says how', () => {
  const [ended] = differences(mapOf(running('1')), mapOf(exited('1')), 7);
  expect(ended).toMatchObject({ type: 'ended', exitCode: 3, detail: 'why' });
});

function mapOf(seen: Seen | undefined): ReadonlyMap<string, Seen> {
  return new Map(seen ? [['ref', seen]] : []);
}
