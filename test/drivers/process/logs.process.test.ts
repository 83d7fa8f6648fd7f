import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogLine } from '../../../src/drivers/driver.ts';
import { callOn, createRig, eventually, shell, succeed, type Rig } from './rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

describe('the logs of an instance', () => {
  it('hold every line of every run, stdout before stderr', async () => {
    const script = 'i=0; while [ $i -lt 5000 ]; do echo "line $i"; i=$((i+1)); done; echo problem >&2; printf "no end"';
    const ref = await rig.start(shell(script));
    await rig.until(ref, (seen) => seen?.phase === 'exited');
    const run = [...Array.from({ length: 5000 }, (_, index) => `line ${String(index)}`), 'no end'];
    expect(await rig.logs(ref)).toEqual([...run.map(stdout), { stream: 'stderr', text: 'problem' }]);
    await succeed(rig.driver, callOn(rig.createCall(shell(script)), 'start', ref), rig.context());
    await rig.until(ref, (seen) => seen?.phase === 'exited');
    expect(await rig.logs(ref)).toHaveLength(2 * 5000 + 1 + 2); // the text without an end goes on in the next run
  });

  it('begin with the last so many lines of both streams', async () => {
    const ref = await rig.start(shell('echo 1; echo 2; echo 3; echo 4 >&2'));
    await rig.until(ref, (seen) => seen?.phase === 'exited');
    expect((await rig.logs(ref, 2)).map((line) => line.text)).toEqual(['3', '4']);
    expect((await rig.logs(ref, 9)).map((line) => line.text)).toEqual(['1', '2', '3', '4']);
    expect(await rig.logs(ref, 0)).toEqual([]);
  });

  it('are followed to the end of the process, no line torn', async () => {
    const script = 'printf "be"; sleep 0.3; echo gun; sleep 0.3; echo middle >&2; sleep 0.3; printf "übrig"';
    const ref = await rig.start(shell(script));
    const lines: LogLine[] = [];
    for await (const line of rig.driver.logs(ref, { follow: true, signal: new AbortController().signal })) {
      lines.push(line);
    }
    expect(lines).toEqual([stdout('begun'), { stream: 'stderr', text: 'middle' }, stdout('übrig')]);
    expect(await rig.look(ref)).toMatchObject({ phase: 'exited', exitCode: 0 });
  });

  it('end quietly when whoever follows has seen enough', async () => {
    const ref = await rig.start(shell('echo ready; exec sleep 60'));
    const enough = new AbortController();
    const lines: LogLine[] = [];
    for await (const line of rig.driver.logs(ref, { follow: true, signal: enough.signal })) {
      lines.push(line);
      enough.abort();
    }
    expect(lines).toEqual([stdout('ready')]);
  });

  it('are empty for what is not there', async () => {
    expect(await rig.logs(`${rig.workspace}/nobody/0123`)).toEqual([]);
  });
});

describe('changes', () => {
  it('name the address of what comes, starts, ends and goes', async () => {
    const over = new AbortController();
    const seen: string[] = [];
    const watching = (async () => {
      for await (const change of rig.driver.changes(rig.workspace, over.signal)) seen.push(change.address ?? '');
    })();
    const create = rig.createCall(shell('until test -e go; do sleep 0.05; done'));
    let count = 0;
    const next = async (): Promise<void> => {
      await eventually(
        async () => seen.length > count,
        () => `change ${String(count + 1)}`,
      );
      count = seen.length;
    };
    // what comes before the watch has looked for the first time is no change
    await eventually(async () => {
      const ref = await succeed(rig.driver, create, rig.context());
      if (seen.length === 0) await succeed(rig.driver, callOn(create, 'remove', ref), rig.context());
      return seen.length > 0;
    });
    count = seen.length;
    await succeed(rig.driver, create, rig.context());
    await succeed(rig.driver, callOn(create, 'start'), rig.context());
    await next();
    await succeed(rig.driver, callOn(create, 'stop'), rig.context());
    await next();
    await succeed(rig.driver, callOn(create, 'remove'), rig.context());
    await next();
    over.abort();
    await watching;
    expect(new Set(seen)).toEqual(new Set(['agent/web/0']));
  });
});

function stdout(text: string): LogLine {
  return { stream: 'stdout', text };
}
