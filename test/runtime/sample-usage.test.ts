import { expect, test } from 'vitest';
import { createMemoryDriver } from '../../src/drivers/memory/memory-driver.ts';
import type { Usage } from '../../src/drivers/driver.ts';
import { ok } from '../../src/util/result.ts';
import { sampleUsage } from '../../src/runtime/sample-usage.ts';
import { busyCores } from '../../src/runtime/usage-rate.ts';
import { agent, standing } from '../support/planning.ts';

const reading = (at: number, cpu: number): Usage => ({ at, cpu, memory: 1, pids: 1 });

test.each([
  { name: 'half a core', before: reading(0, 0), after: reading(1_000, 5e8), cores: 0.5 },
  { name: 'two cores', before: reading(0, 1e9), after: reading(500, 2e9), cores: 2 },
  { name: 'nothing', before: reading(0, 1e9), after: reading(500, 1e9), cores: 0 },
  { name: 'no earlier reading', before: undefined, after: reading(500, 1e9), cores: undefined },
  { name: 'no time between', before: reading(500, 1), after: reading(500, 2), cores: undefined },
  { name: 'a counter that began anew', before: reading(0, 2), after: reading(500, 1), cores: undefined },
])('the busy cores of $name', ({ before, after, cores }) => {
  expect(busyCores(before, after)).toBe(cores);
});

test('the first sample tells cpu, and one that begins later does so from its second', async () => {
  const web = { ...standing(agent('web'), { phase: 'running' }), driver: 'memory', ref: 'web' } as const;
  const late = { ...web, ref: 'late' } as const;
  let now = 0;
  let listed = 0;
  const driver = {
    ...createMemoryDriver(),
    stats: async () => ok(reading(now, now * 1e5)),
  };
  const done = new AbortController();
  const samples = sampleUsage({
    list: async () => ({ agents: ++listed > 2 ? [web, late] : [web], diagnostics: [] }),
    drivers: { names: ['memory'], open: async () => driver, [Symbol.asyncDispose]: async () => undefined },
    clock: { now: () => now, sleep: async (milliseconds) => void (now += milliseconds) },
    interval: 2_000,
    signal: done.signal,
  });
  const seen: (readonly (number | undefined)[])[] = [];
  const times: number[] = [];
  for await (const { at, agents } of samples) {
    times.push(at);
    seen.push(agents.map((each) => (each.status === 'measured' ? each.cores : undefined)));
    if (seen.length === 3) done.abort();
  }
  expect(times).toEqual([1_000, 3_000, 5_000]);
  expect(seen).toEqual([[0.1], [0.1, undefined], [0.1, 0.1]]);
});
