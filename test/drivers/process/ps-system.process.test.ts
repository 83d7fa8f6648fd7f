import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLinuxSystem } from '../../../src/drivers/process/linux-system.ts';
import { createPsSystem } from '../../../src/drivers/process/ps-system.ts';
import { callOn, createRig, eventually, shell, succeed, type Rig } from './rig.ts';

const ps = createPsSystem(process.platform);

describe('a driver that has only `ps`', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await createRig({ system: ps });
  });
  afterEach(async () => {
    await rig[Symbol.asyncDispose]();
  });

  it('starts, sees and stops a whole tree, a session of its own included', async () => {
    const hidden = "trap '' TERM; echo hidden; while :; do sleep 0.05; done";
    const script = `setsid /bin/sh -c "${hidden}" & exec sleep 60`;
    const ref = await rig.start(shell(script));
    await eventually(async () => (await rig.logs(ref)).some((line) => line.text === 'hidden'));
    expect(await rig.look(ref)).toMatchObject({ phase: 'running' });
    await succeed(rig.driver, callOn(rig.createCall(shell(script)), 'stop', ref, 200), rig.context());
    expect(await rig.look(ref)).toMatchObject({ phase: 'exited', exitCode: 143 });
    expect(await rig.members()).toEqual([]);
  });

  it('finds a process whose state folder is gone', async () => {
    const spec = shell('exec sleep 60', { labels: { note: 'two words' } });
    const ref = await rig.start(spec);
    const before = await rig.look(ref);
    rmSync(rig.state, { recursive: true });
    expect(await rig.look(ref, rig.anotherDriver())).toEqual(before);
    await succeed(rig.driver, callOn(rig.createCall(spec), 'stop', ref), rig.context());
    expect(await rig.members()).toEqual([]);
  });

  it('does not take a process that merely names a cookie for its bearer', async () => {
    const ref = await rig.start(shell('exec sleep 60'));
    const stranger = spawn('sh', ['-c', 'sleep 60', `AAC_INSTANCE_ID=${ref}`], { stdio: 'ignore' });
    try {
      await once(stranger, 'spawn');
      expect((await rig.members()).map((member) => member.pid)).not.toContain(stranger.pid);
    } finally {
      stranger.kill('SIGKILL');
    }
  });
});

describe('`ps` and `/proc`', () => {
  it('agree on a process that is there and on one that is not', async () => {
    const linux = createLinuxSystem();
    const [one, other] = await Promise.all([ps.identify(process.pid), linux.identify(process.pid)]);
    expect(one).toMatchObject({ pid: process.pid, pgid: other!.pgid });
    const child = spawn('true', { stdio: 'ignore' });
    await once(child, 'exit');
    expect(await Promise.all([ps.identify(child.pid!), linux.identify(child.pid!)])).toEqual([undefined, undefined]);
  });

  it('agree on who listens where', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address!.port : 0;
    const found = await Promise.all([ps, createLinuxSystem()].map((system) => system.listeners(new Set([port]))));
    for (const listeners of found) {
      expect(listeners).toContainEqual(
        expect.objectContaining({ port, protocol: 'tcp', hostIp: '127.0.0.1', pid: process.pid }),
      );
    }
    server.close();
  });

  it('tell the same boot from one look to the next', async () => {
    expect(await ps.bootId()).toBe(await ps.bootId());
    expect(await ps.bootId()).not.toBe('');
  });
});
