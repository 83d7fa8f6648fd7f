// plan-recorded.ts FOLDER RECORDING [--record]
// Plans the project in FOLDER, compiled for the in-memory driver, against what RECORDING holds, and prints
// `{ changes, peak }`: how much there is to do, and the most memory this process held, in KiB. With --record it applies
// the project in memory first and writes RECORDING.
import { readFileSync, writeFileSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import type { Driver, Observation } from '../../src/drivers/driver.ts';
import { createMemoryDriver } from '../../src/drivers/memory/memory-driver.ts';
import { createRuntimeOver, type Runtime } from '../../src/runtime/runtime.ts';
import { ok, type Result } from '../../src/util/result.ts';

const [folder = '', recording = '', option] = process.argv.slice(2);

if (option === '--record') {
  const driver = createMemoryDriver();
  const runtime = runtimeOver(driver);
  const first = expectOk(await plan(runtime));
  const images = first.nodes.flatMap(({ step }) => (step.verb === 'pull' ? [step.image] : []));
  for (const image of images) driver.world.images.set(image, `sha256:${image}`);
  const report = expectOk(await runtime.apply(first));
  const failed = report.nodes.find(({ outcome }) => outcome.status !== 'succeeded');
  if (failed) throw new Error(JSON.stringify(failed, null, 2));
  const context = { workspace: first.workspace, root: folder };
  const interest = { images, paths: [], namePrefix: '' };
  const observation = expectOk(await driver.observe(context, interest, new AbortController().signal));
  writeFileSync(recording, serialize(observation));
} else {
  const driver: Driver = {
    ...createMemoryDriver(),
    observe: async () => ok(deserialize(readFileSync(recording)) as Observation),
  };
  const { changes } = expectOk(await plan(runtimeOver(driver)));
  const pending = changes.filter(({ action }) => action !== 'no-op').length;
  process.stdout.write(`${String(JSON.stringify({ changes: pending, peak: process.resourceUsage().maxRSS }))}\n`);
}

function plan(runtime: Runtime): ReturnType<Runtime['plan']> {
  return runtime.plan(folder, { driver: 'memory' });
}

function runtimeOver(driver: Driver): Runtime {
  return createRuntimeOver({
    cwd: process.cwd(),
    environment: process.env,
    drivers: { names: ['memory'], create: async () => driver },
  });
}

function expectOk<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error, null, 2));
  return result.value;
}
