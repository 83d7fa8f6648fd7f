// watch-in-memory.ts FOLDER runs COUNT...   (with --expose-gc)
// watch-in-memory.ts FOLDER idle SECONDS
// Watches the project in FOLDER over the in-memory driver, with all that works beside the loop. `runs` prints the heap
// after garbage collection at each COUNT of runs, which grow, `[{ runs, heap, resident }]` in bytes; every hundredth run
// has something to put right. `idle` prints what the watch uses while nothing happens, once it has settled,
// `{ share, resident }`, a share of one core and bytes. The state goes to $AAC_STATE_DIR.
import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { createMemoryDriver } from '../../src/drivers/memory/memory-driver.ts';
import type { Driver } from '../../src/drivers/driver.ts';
import { watchCommand } from '../../src/cli/commands/watch.ts';
import { listenForInterruption } from '../../src/cli/interruption.ts';
import { standardStreams } from '../../src/cli/standard-streams.ts';
import { processTerminal } from '../../src/cli/terminal.ts';
import { silentLog } from '../../src/util/log.ts';

const [folder = '', mode = '', ...given] = process.argv.slice(2);
const marks = mode === 'runs' ? given.map(Number) : [];
const last = marks.at(-1) ?? 0;
const mendEvery = 100;
const settling = 20_000;

const driver = createMemoryDriver();
const hints = new EventEmitter();
const hinting: Driver = {
  ...driver,
  changes: async function* (_workspace, signal) {
    while (!signal.aborted) {
      await once(hints, 'hint', { signal }).catch(() => undefined);
      yield {};
    }
  },
};
const found: { readonly runs: number; readonly heap: number; readonly resident: number }[] = [];
let answer: unknown = found;
let runs = 0;

function count(): void {
  runs += 1;
  if (mode === 'idle') {
    if (runs === 1) void idle(Number(given[0]) * 1_000);
    return;
  }
  if (marks.includes(runs)) {
    globalThis.gc?.();
    const { heapUsed, rss } = process.memoryUsage();
    found.push({ runs, heap: heapUsed, resident: rss });
  }
  if (runs === last) process.kill(process.pid, 'SIGTERM');
  const [first] = driver.world.objects;
  if (runs % mendEvery === 0 && first) driver.world.delete(first);
  setImmediate(() => hints.emit('hint'));
}

async function idle(milliseconds: number): Promise<void> {
  await delay(settling);
  const [before, from] = [process.cpuUsage(), performance.now()];
  await delay(milliseconds);
  const { user, system } = process.cpuUsage(before);
  const share = (user + system) / 1_000 / (performance.now() - from);
  answer = { share, resident: process.memoryUsage.rss() };
  process.kill(process.pid, 'SIGTERM');
}

const quiet = { out: () => undefined, error: () => undefined, json: () => undefined };
using interruption = listenForInterruption(process);
await watchCommand(
  {
    terminal: { ...processTerminal(process), ...quiet },
    streams: standardStreams(process),
    surroundings: {
      cwd: process.cwd(),
      environment: process.env,
      drivers: { names: ['memory'], create: async () => hinting },
    },
    interruption,
    commandLine: 'aac watch',
    log: { ...silentLog, info: (_fields, message) => (message === 'reconciling' ? count() : undefined) },
  },
  folder,
  {
    format: 'text',
    driver: 'memory',
    debounce: 0,
    resync: '0 0 1 1 *',
    heal: true,
    prune: true,
    scaleInterval: 15_000,
    listen: { host: '127.0.0.1', port: 0 },
  },
);
process.stdout.write(`${JSON.stringify(answer)}\n`);
