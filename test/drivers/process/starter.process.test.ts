import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callOn, createRig, eventually, shell, succeed, type Rig } from './rig.ts';

/** A driver that another Node can import. */
async function bundleDriver(file: string): Promise<void> {
  const bundle = await rolldown({
    input: 'src/drivers/process/process-driver.ts',
    platform: 'node',
    transform: {
      target: 'node20.19',
      define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' },
    },
  });
  await bundle.write({ file, format: 'esm' });
  await bundle.close();
}

describe('an aac that is killed', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await createRig();
    await bundleDriver(join(rig.root, 'driver.mjs'));
  });
  afterAll(async () => {
    await rig[Symbol.asyncDispose]();
  });

  it('leaves its process running, found by the next, with all its output and its exit code', async () => {
    const script = 'echo before; until test -e go; do sleep 0.02; done; echo after; echo error >&2; exit 7';
    const create = rig.createCall(shell(script));
    writeFileSync(join(rig.root, 'starter.mjs'), starterSource(rig, create));
    const starter = spawn(process.execPath, [join(rig.root, 'starter.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(starter.stdout.setEncoding('utf8'), 'data')) as [string];
    const ref = line.trim();
    starter.kill('SIGKILL');
    await once(starter, 'exit');

    expect(await rig.look(ref)).toMatchObject({ phase: 'running' });
    writeFileSync(join(rig.root, 'go'), '');
    expect(await rig.until(ref, (seen) => seen?.phase === 'exited')).toMatchObject({ exitCode: 7 });
    expect(await rig.logs(ref)).toEqual([
      { stream: 'stdout', text: 'before' },
      { stream: 'stdout', text: 'after' },
      { stream: 'stderr', text: 'error' },
    ]);
    await succeed(rig.driver, callOn(create, 'remove', ref), rig.context());
  });

  it('leaves nothing unknown, wherever in a start it was killed', async () => {
    for (const delay of [0, 2, 4, 8, 12, 16, 24, 40, 80]) {
      const create = rig.createCall(shell('exec sleep 60'), delay);
      writeFileSync(join(rig.root, 'starter.mjs'), starterSource(rig, create, delay));
      const starter = spawn(process.execPath, [join(rig.root, 'starter.mjs')], { stdio: 'ignore' });
      await once(starter, 'exit');

      const ref = (await succeed(rig.driver, create, rig.context())) ?? '';
      await succeed(rig.driver, callOn(create, 'start', ref), rig.context());
      expect(await rig.look(ref)).toMatchObject({ phase: 'running' });
      expect(await rig.members()).toHaveLength(2);
      await succeed(rig.driver, callOn(create, 'stop', ref), rig.context());
      await succeed(rig.driver, callOn(create, 'remove', ref), rig.context());
      await eventually(async () => (await rig.members()).length === 0);
    }
  });
});

/** Creates and starts, prints the ref and waits to be killed; with `dies`, kills itself that long into the start. */
function starterSource(rig: Rig, create: ReturnType<Rig['createCall']>, dies?: number): string {
  const start = callOn(create, 'start');
  const die = `setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${String(dies)});`;
  return `
import { createProcessDriver } from './driver.mjs';
const driver = createProcessDriver({ stateFolder: () => ${JSON.stringify(rig.state)}, environment: process.env });
const context = {
  workspace: ${JSON.stringify(rig.workspace)}, root: ${JSON.stringify(rig.root)}, directory: ${JSON.stringify(rig.root)},
  origin: 'manifest', values: { read: async () => undefined }, signal: new AbortController().signal, progress() {},
};
${dies === undefined ? '' : die}
const created = await driver.execute(${JSON.stringify(create)}, context);
const started = await driver.execute(${JSON.stringify(start)}, context);
console.log(started.ok && created.value.ref);
setInterval(() => {}, 1000);
`;
}
