import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { EdgeAnswer, EdgeDocument, EdgeRequest } from '../../src/model/edge.ts';
import { freePort } from '../support/free-port.ts';
import { open, readToEnd, tcpServer } from './rig.ts';

// The program as it is shipped: one file, told what to do over its control socket.
const program = join(import.meta.dirname, '..', '..', 'dist', 'edge.js');
let folder: string;
let running: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aac-edge-'));
  running = [];
});
afterEach(async () => {
  for (const child of running) await end(child, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

it('an edge goes on after it was killed, with what it was told last', async () => {
  await using replica = await tcpServer((socket) => void socket.end('here'));
  const port = await freePort();
  const first = await serve();
  const document: EdgeDocument = {
    formatVersion: 1,
    resolvers: [],
    routes: { [`${String(port)}/tcp`]: { group: 'web', port: replica.port } },
    names: {},
    targets: {},
    clients: {},
  };
  expect(await ask({ op: 'push', document })).toMatchObject({ ok: true, status: { failures: {} } });
  expect(await ask({ op: 'route', group: 'web', id: 'a', host: '127.0.0.1' })).toMatchObject({ ok: true });
  expect(await readToEnd(await open(port))).toBe('here');
  await end(first, 'SIGKILL');
  await serve();
  expect(await readToEnd(await open(port))).toBe('here');
});

it('an edge says what it cannot do, and does what it was told before', async () => {
  const child = await serve();
  expect(await ask({ op: 'push', document: { formatVersion: 9 } } as never)).toEqual({
    ok: false,
    message: 'this edge reads format 1',
  });
  expect(await ask({ op: 'status' })).toMatchObject({ ok: true, status: { document: { routes: {} } } });
  await end(child, 'SIGTERM');
  expect(child.exitCode).toBe(0);
  const { exitCode, stderr } = await execa(process.execPath, [program, 'ask', folder, '{"op":"status"}'], {
    reject: false,
  });
  expect([exitCode, stderr.startsWith('edge: ')]).toEqual([1, true]);
});

async function serve(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program, 'serve', folder], { stdio: 'inherit' });
  running.push(child);
  await expect
    .poll(() => ask({ op: 'status' }).catch(() => undefined), { timeout: 20_000 })
    .toMatchObject({ ok: true });
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

async function ask(request: EdgeRequest): Promise<EdgeAnswer> {
  const { stdout } = await execa(process.execPath, [program, 'ask', folder], {
    input: JSON.stringify(request),
    reject: false,
  });
  return JSON.parse(stdout) as EdgeAnswer;
}
