import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseCookie, toRun, type Run } from '../../../src/drivers/process/instance.ts';
import { fieldPath } from '../../../src/model/field-path.ts';
import type { Json } from '../../../src/util/json.ts';
import { callOn, createRig, eventually, shell, succeed, type Rig } from './rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
});
afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

describe('what has been created', () => {
  it('is there, does not run, and creating it again changes nothing', async () => {
    const create = rig.createCall(shell('sleep 60'));
    const first = await succeed(rig.driver, create, rig.context());
    const again = await succeed(rig.anotherDriver(), create, rig.context());
    expect(again).toBe(first);
    expect(await rig.look(first!)).toMatchObject({ phase: 'created', name: create.target.name, live: create.spec });
    expect(await rig.members()).toEqual([]);
  });

  it('is not taken for another that wants its name', async () => {
    const create = rig.createCall(shell('sleep 60'));
    await succeed(rig.driver, create, rig.context());
    const other = await rig.driver.execute({ ...create, target: { ...create.target, generation: 2 } }, rig.context());
    expect(other).toMatchObject({ ok: false, error: { code: 'conflict', retry: 'terminal' } });
  });

  it('is moved for a call that was planned for a predecessor of the same name', async () => {
    const create = rig.createCall(shell('sleep 60'));
    const before = await succeed(rig.driver, create, rig.context());
    await succeed(rig.driver, callOn(create, 'remove', before), rig.context());
    const after = await succeed(rig.driver, create, rig.context());
    expect(after).not.toBe(before);
    for (const verb of ['start', 'remove'] as const) {
      const result = await rig.driver.execute(callOn(create, verb, before), rig.context());
      expect(result).toMatchObject({ ok: false, error: { code: 'moved' } });
    }
    expect(await rig.look(before!)).toBeUndefined();
    expect(await rig.look(after!)).toMatchObject({ phase: 'created' });
  });
});

describe('what has been started', () => {
  it('runs once, however often it is started', async () => {
    const create = rig.createCall(shell('exec sleep 60'));
    const ref = await rig.start(shell('exec sleep 60'));
    await succeed(rig.driver, callOn(create, 'start', ref), rig.context());
    await succeed(rig.anotherDriver(), callOn(create, 'start', ref), rig.context());
    expect(await rig.look(ref)).toMatchObject({ phase: 'running' });
    expect((await rig.members()).map((member) => member.command).sort()).toEqual(['sh', 'sleep']);
  });

  it('runs once when it is started twice at the same time', async () => {
    const create = rig.createCall(shell('exec sleep 60'));
    const ref = await succeed(rig.driver, create, rig.context());
    await Promise.all(
      [rig.driver, rig.anotherDriver()].map((driver) => succeed(driver, callOn(create, 'start', ref), rig.context())),
    );
    expect((await rig.members()).map((member) => member.command).sort()).toEqual(['sh', 'sleep']);
  });

  it.each([
    ['exit 0', 0],
    ['exit 7', 7],
    ['kill -TERM $$', 143],
    ['kill -KILL $$', 137],
  ])('leaves the exit code of `%s`', async (script, exitCode) => {
    const ref = await rig.start(shell(script));
    expect(await rig.until(ref, (seen) => seen?.phase === 'exited')).toMatchObject({ exitCode });
  });

  it('is killed, with an exit code to match, when its latch goes with it', async () => {
    const ref = await rig.start(shell('exec sleep 60'));
    const group = (await rig.members())[0]!.pgid;
    process.kill(-group, 'SIGKILL');
    const seen = await rig.until(ref, (now) => now?.phase === 'exited');
    expect(seen).toMatchObject({ exitCode: 137, detail: 'killed' });
  });

  it('is started anew after it has ended, and then says nothing of its last exit code', async () => {
    const script = 'test -e again && exec sleep 60; touch again; exit 3';
    const ref = await rig.start(shell(script));
    await rig.until(ref, (seen) => seen?.exitCode === 3);
    await succeed(rig.driver, callOn(rig.createCall(shell(script)), 'start', ref), rig.context());
    const seen = await rig.look(ref);
    expect(seen?.phase).toBe('running');
    expect(seen).not.toHaveProperty('exitCode');
  });

  it('is not removed while it runs', async () => {
    const ref = await rig.start(shell('exec sleep 60'));
    const create = rig.createCall(shell('exec sleep 60'));
    expect(await rig.driver.execute(callOn(create, 'remove', ref), rig.context())).toMatchObject({
      ok: false,
      error: { code: 'conflict' },
    });
    expect(await rig.look(ref)).toMatchObject({ phase: 'running' });
  });
});

describe('a start that cannot work', () => {
  it.each([
    ['a command that is nowhere', ['no-such-command'], 'command not found: `no-such-command`'],
    ['a script whose interpreter is missing', ['./script'], 'command not found: `./script` ended at once'],
    ['a builtin of the shell', ['exit', '3'], 'command not found: `exit`'],
    ['a file that is not executable', ['./data'], '/data` is not an executable file'],
  ])('says so: %s', async (_, command, message) => {
    writeFileSync(join(rig.root, 'script'), '#!/no/such/interpreter\n', { mode: 0o755 });
    writeFileSync(join(rig.root, 'data'), '', { mode: 0o644 });
    const create = rig.createCall(shell('', { command }));
    const ref = await succeed(rig.driver, create, rig.context());
    const result = await rig.driver.execute(callOn(create, 'start', ref), rig.context());
    expect(result).toMatchObject({ ok: false, error: { retry: 'terminal', field: '/command' } });
    expect(result.ok ? '' : result.error.message).toContain(message);
    expect(await rig.members()).toEqual([]);
  });

  it('says so: a working directory that does not exist', async () => {
    const create = rig.createCall(shell('exit 0', { workingDir: './nowhere' }));
    await succeed(rig.driver, create, rig.context());
    const result = await rig.driver.execute(callOn(create, 'start'), rig.context());
    expect(result).toMatchObject({ ok: false, error: { retry: 'terminal', field: '/workingDir' } });
  });
});

describe('what is found again', () => {
  it('is found by its cookie when the start was cut short before its identity was written', async () => {
    const ref = await rig.start(shell('exec sleep 60'));
    changeRun(rig, ref, ({ process: _, ...run }) => ({ ...run, starter: { pid: 1, started: 'never' } }));
    expect(await rig.look(ref, rig.anotherDriver())).toMatchObject({ phase: 'running' });
    await succeed(rig.anotherDriver(), callOn(rig.createCall(shell('exec sleep 60')), 'start', ref), rig.context());
    expect(await rig.members()).toHaveLength(2);
    expect(readRun(rig, ref).process).toBeDefined();
  });

  it('is created, and can be started, when the start was cut short before there was a process', async () => {
    const create = rig.createCall(shell('exec sleep 60'));
    const ref = await succeed(rig.driver, create, rig.context());
    const intent: Run = {
      number: 1,
      bootId: await rig.system.bootId(),
      starter: { pid: 1, started: 'never' },
      startedAt: new Date().toISOString(),
      folder: rig.root,
    };
    writeFileSync(runFile(rig, ref!, 1), JSON.stringify(intent));
    expect(await rig.look(ref!)).toMatchObject({ phase: 'created', detail: 'its start was cut short' });
    await succeed(rig.driver, callOn(create, 'start', ref), rig.context());
    expect(await rig.look(ref!)).toMatchObject({ phase: 'running' });
  });

  it('is found by its cookie when the state folder is gone, and can be stopped and removed', async () => {
    const spec = shell('exec sleep 60', { ports: { '8080/tcp': { host: 0, hostIp: '127.0.0.1' } } });
    const ref = await rig.start(spec);
    const before = await rig.look(ref);
    rmSync(rig.state, { recursive: true });
    const other = rig.anotherDriver();
    expect(await other.present(rig.workspace, new AbortController().signal)).toBe(true);
    const observed = await observe(rig, other);
    expect(observed).toEqual([before]);

    const create = rig.createCall(spec);
    expect(await succeed(other, create, rig.context())).toBe(ref);
    await succeed(other, callOn(create, 'stop', ref), rig.context());
    expect(await rig.members()).toEqual([]);
    expect(await rig.look(ref, other)).toMatchObject({ phase: 'exited', exitCode: 143 });
    await succeed(other, callOn(create, 'remove', ref), rig.context());
    expect(await observe(rig, other)).toEqual([]);
    expect(await other.present(rig.workspace, new AbortController().signal)).toBe(false);
  });

  it('belongs to its own workspace alone', async () => {
    await rig.start(shell('exec sleep 60'));
    rmSync(rig.state, { recursive: true });
    await using other = await createRig();
    expect(await observe(other, other.driver)).toEqual([]);
  });

  it('has ended, and is never signalled, when its record is of an earlier boot', async () => {
    const ref = await rig.start(shell('exec sleep 60'));
    changeRun(rig, ref, (run) => ({ ...run, bootId: 'another boot' }));
    expect(await rig.look(ref)).toMatchObject({ phase: 'exited', exitCode: 137 });
    const create = rig.createCall(shell('exec sleep 60'));
    await succeed(rig.driver, callOn(create, 'stop', ref), rig.context());
    expect(await rig.members()).toHaveLength(2);
  });

  it('is an error, not an absence, when its record cannot be read', async () => {
    const ref = await succeed(rig.driver, rig.createCall(shell('exit 0')), rig.context());
    writeFileSync(join(folderOf(rig, ref!), 'record.json'), '{"format":');
    const result = await rig.driver.observe(
      { workspace: rig.workspace, root: rig.root },
      { images: [], paths: [], namePrefix: '' },
      new AbortController().signal,
    );
    expect(result).toMatchObject({ ok: false, error: { retry: 'terminal' } });
  });
});

describe('a stop', () => {
  it('lets the process end in its own way within the grace period', async () => {
    const script = "trap 'echo bye; exit 5' TERM; echo ready; while :; do sleep 0.05; done";
    const ref = await rig.start(shell(script));
    await eventually(async () => (await rig.logs(ref)).some((line) => line.text === 'ready'));
    await succeed(rig.driver, callOn(rig.createCall(shell(script)), 'stop', ref), rig.context());
    expect(await rig.look(ref)).toMatchObject({ phase: 'exited', exitCode: 5 });
    expect(await rig.logs(ref)).toContainEqual({ stream: 'stdout', text: 'bye' });
    expect(await rig.members()).toEqual([]);
  });

  it('sends the signal that the manifest asks for', async () => {
    const script = "trap 'exit 6' INT; trap 'exit 1' TERM; echo ready; while :; do sleep 0.05; done";
    const spec = shell(script, { stop: { signal: 'SIGINT', gracePeriod: 5_000 } });
    const ref = await rig.start(spec);
    await eventually(async () => (await rig.logs(ref)).length > 0);
    await succeed(rig.driver, callOn(rig.createCall(spec), 'stop', ref), rig.context());
    expect(await rig.look(ref)).toMatchObject({ exitCode: 6 });
  });

  it('kills what ignores the signal once the grace period is over', async () => {
    const script = "trap '' TERM; echo ready; while :; do sleep 0.05; done";
    const ref = await rig.start(shell(script));
    await eventually(async () => (await rig.logs(ref)).length > 0);
    await succeed(rig.driver, callOn(rig.createCall(shell(script)), 'stop', ref, 200), rig.context());
    expect(await rig.look(ref)).toMatchObject({ phase: 'exited', exitCode: 137 });
    expect(await rig.members()).toEqual([]);
  });

  it('reaches a grandchild that ignores signals in a session of its own', async () => {
    const hidden = "trap '' TERM; echo hidden; while :; do sleep 0.05; done";
    const script = `setsid /bin/sh -c "${hidden}" & exec sleep 60`;
    const ref = await rig.start(shell(script));
    await eventually(async () => (await rig.logs(ref)).some((line) => line.text === 'hidden'));
    expect(new Set((await rig.members()).map((member) => member.sid)).size).toBe(2);
    await succeed(rig.driver, callOn(rig.createCall(shell(script)), 'stop', ref, 200), rig.context());
    expect(await rig.members()).toEqual([]);
  });

  it('clears what outlived its own process, and so does the next start', async () => {
    const script = 'setsid sleep 60 & sleep 0.01; exit 4';
    const create = rig.createCall(shell(script));
    const ref = await rig.start(shell(script));
    const seen = await rig.until(ref, (now) => now?.phase === 'exited');
    expect(seen).toMatchObject({ exitCode: 4, detail: expect.stringContaining('(sleep)') as string });
    const [first] = await rig.members();
    await succeed(rig.driver, callOn(create, 'start', ref), rig.context());
    await rig.until(ref, (now) => now?.phase === 'exited');
    expect((await rig.members()).map((member) => member.pid)).not.toContain(first!.pid);
    await succeed(rig.driver, callOn(create, 'stop', ref), rig.context());
    expect(await rig.members()).toEqual([]);
  });

  it('never touches a stranger that has the recorded pid by now', async () => {
    const stranger = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    try {
      const script = 'exit 0';
      const ref = await rig.start(shell(script));
      await rig.until(ref, (seen) => seen?.phase === 'exited');
      rmSync(join(folderOf(rig, ref), 'exit-1'));
      changeRun(rig, ref, (run) => ({
        ...run,
        process: { pid: stranger.pid!, started: '12345', sid: stranger.pid! },
      }));
      expect(await rig.look(ref)).toMatchObject({ phase: 'exited', exitCode: 137 });
      const create = rig.createCall(shell(script));
      await succeed(rig.driver, callOn(create, 'stop', ref, 0), rig.context());
      await succeed(rig.driver, callOn(create, 'remove', ref), rig.context());
      expect(await rig.system.identify(stranger.pid!)).toBeDefined();
      expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    } finally {
      stranger.kill('SIGKILL');
    }
  });

  it('succeeds when there is nothing left to stop or remove', async () => {
    const create = rig.createCall(shell('exit 0'));
    const ref = await succeed(rig.driver, create, rig.context());
    await succeed(rig.driver, callOn(create, 'stop', ref), rig.context());
    await succeed(rig.driver, callOn(create, 'remove', ref), rig.context());
    await succeed(rig.driver, callOn(create, 'remove', ref), rig.context());
    await succeed(rig.driver, callOn(create, 'stop', ref), rig.context());
    expect(readdirSync(join(rig.state, 'processes'))).toEqual([]);
  });
});

describe('the value behind a reference', () => {
  it('is in the environment of the process and in no file', async () => {
    const sentinel = 'sentinel-5b1c9e';
    const script = 'test "$TOKEN" = "$(printf %s-%s sentinel 5b1c9e)" && exec sleep 60; exit 9';
    const spec = shell(script, { environment: { TOKEN: { from: 'env', key: 'TOKEN' }, PLAIN: 'text' } });
    const create = rig.createCall(spec);
    const context = rig.context({ TOKEN: sentinel });
    const ref = await succeed(rig.driver, create, context);
    await succeed(rig.driver, callOn(create, 'start', ref), context);
    const seen = await rig.look(ref!);
    expect(seen).toMatchObject({ phase: 'running', live: create.spec });
    expect(Object.keys(seen!.record.fingerprints)).toEqual(['/environment/TOKEN']);
    expect(JSON.stringify(seen)).not.toContain(sentinel);
    const files = readdirSync(rig.state, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) {
      expect(readFileSync(join(file.parentPath, file.name), 'utf8'), file.name).not.toContain(sentinel);
    }
    const latch = (await rig.members()).find((member) => member.sid === member.pid)!;
    const record = Buffer.from(latch.variables.AAC_RECORD!, 'base64url').toString('utf8');
    expect(record).toContain('"TOKEN"');
    expect(record).not.toContain(sentinel);
  });

  it('of a secret is in a file for its owner alone, in the folder that goes with the process', async () => {
    const sentinel = 's3cret-5b1c9e';
    const reference = { from: 'secret', name: 'web', key: 'db' } as const;
    const script = 'test "$(cat "$AAC_SECRETS_DIR/db")" = "$(printf %s-%s s3cret 5b1c9e)" && exec sleep 60; exit 9';
    const spec = { ...shell(script), secrets: { db: { reference } } };
    const create = rig.createCall(spec);
    const context = rig.context({ db: `${sentinel}\n` });
    const ref = await succeed(rig.driver, create, context);
    await succeed(rig.driver, callOn(create, 'start', ref), context);
    const seen = await rig.look(ref!);
    expect(seen).toMatchObject({ phase: 'running', live: create.spec });
    expect(Object.keys(seen!.record.fingerprints)).toEqual(['/secrets/db/reference']);
    const files = readdirSync(rig.state, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const holding = files
      .map((file) => join(file.parentPath, file.name))
      .filter((file) => readFileSync(file, 'utf8').includes(sentinel));
    expect(holding).toEqual([join(rig.state, 'processes', create.target.name, 'secrets', 'db')]);
    expect(statSync(holding[0]!).mode & 0o777).toBe(0o600);
    expect((await rig.members()).map(({ variables }) => JSON.stringify(variables)).join()).not.toContain(sentinel);
    await succeed(rig.driver, callOn(create, 'stop', ref), context);
    await succeed(rig.driver, callOn(create, 'remove', ref), context);
    expect(existsSync(holding[0]!)).toBe(false);
  });

  it('is named, when there is none, and nothing is made', async () => {
    const spec = shell('exit 0', { environment: { TOKEN: { from: 'env', key: 'TOKEN' } } });
    const result = await rig.driver.execute(rig.createCall(spec), rig.context());
    expect(result).toMatchObject({ ok: false, error: { field: '/environment/TOKEN', retry: 'terminal' } });
    expect(existsSync(join(rig.state, 'processes'))).toBe(false);
  });

  it('that has changed by the time of a start is the one that the record proves', async () => {
    const spec = shell('exec sleep 60', { environment: { TOKEN: { from: 'env', key: 'TOKEN' } } });
    const create = rig.createCall(spec);
    const ref = await succeed(rig.driver, create, rig.context({ TOKEN: 'old' }));
    const before = (await rig.look(ref!))!.record.fingerprints;
    await succeed(rig.driver, callOn(create, 'start', ref), rig.context({ TOKEN: 'new' }));
    expect((await rig.look(ref!))!.record.fingerprints).not.toEqual(before);
  });
});

describe('the environment of a process', () => {
  it('is the base, its ports, what is declared and the cookie, and nothing of its latch', async () => {
    const spec = shell('env', {
      environment: { GREETING: 'hello' },
      ports: { '9090/tcp': { host: 0, hostIp: '127.0.0.1' }, '8080/tcp': { host: 0, hostIp: '127.0.0.1' } },
    });
    const ref = await rig.start(spec);
    const seen = await rig.until(ref, (now) => now?.phase === 'exited');
    const lines = (await rig.logs(ref)).map((line) => line.text);
    const variables = new Map(
      lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    const port = (name: string): string => String(seen!.published.find((published) => published.port === name)!.host);
    expect(Object.fromEntries(variables)).toMatchObject({
      GREETING: 'hello',
      PORT: port('8080/tcp'),
      AAC_PORT_8080: port('8080/tcp'),
      AAC_PORT_9090: port('9090/tcp'),
      AAC_HOST: '127.0.0.1',
      AAC_INSTANCE_ID: ref,
      AAC_ADDRESS: 'agent/web/0',
      PATH: process.env.PATH,
    });
    for (const hidden of ['AAC_LATCH', 'AAC_RECORD', 'VITEST']) expect([...variables.keys()]).not.toContain(hidden);
  });
});

describe('an update', () => {
  it('records the fields that change in place, and the process goes on', async () => {
    const ref = await rig.start(shell('exec sleep 60'));
    const before = (await rig.members()).map((member) => member.pid);
    const { address, driver, kind, target } = rig.createCall(shell('exec sleep 60'));
    await succeed(
      rig.driver,
      {
        verb: 'update',
        address,
        driver,
        kind,
        target: { ...target, ref },
        fields: { [fieldPath('restartPolicy', 'name')]: 'never', [fieldPath('resources', 'limits', 'memory')]: 64e6 },
      },
      rig.context(),
    );
    expect(await rig.look(ref)).toMatchObject({
      phase: 'running',
      enforcement: expect.stringMatching(/^(cgroup v[12]|watchdog)$/) as string,
      live: { restartPolicy: { name: 'never' }, resources: { limits: { memory: 64e6 } } },
    });
    expect((await rig.members()).map((member) => member.pid)).toEqual(before);
  });
});

describe('a run of `ps`', () => {
  it('shows a latch that is a shell of no more than a few megabytes', async () => {
    await rig.start(shell('exec sleep 60'));
    const latch = (await rig.members()).find((member) => member.sid === member.pid)!;
    const kibibytes = Number(execFileSync('ps', ['-o', 'rss=', '-p', String(latch.pid)], { encoding: 'utf8' }));
    expect(kibibytes).toBeLessThan(8 * 1024);
  });
});

async function observe(of: Rig, driver: Rig['driver']): Promise<unknown> {
  const result = await driver.observe(
    { workspace: of.workspace, root: of.root },
    { images: [], paths: [], namePrefix: '' },
    new AbortController().signal,
  );
  if (!result.ok) throw new Error(result.error.message);
  return result.value.resources;
}

function folderOf(of: Rig, ref: string): string {
  return join(of.state, 'processes', parseCookie(ref)!.name);
}

function runFile(of: Rig, ref: string, number: number): string {
  return join(folderOf(of, ref), `run-${String(number)}.json`);
}

function readRun(of: Rig, ref: string): Run {
  return toRun(JSON.parse(readFileSync(runFile(of, ref, 1), 'utf8')) as Json)!;
}

function changeRun(of: Rig, ref: string, change: (run: Run) => Run): void {
  writeFileSync(runFile(of, ref, 1), JSON.stringify(change(readRun(of, ref))));
}
