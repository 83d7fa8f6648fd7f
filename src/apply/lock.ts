import { mkdir, readFile, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Clock } from '../util/clock.ts';
import { err, ok, type Result } from '../util/result.ts';
import { currentActor, type Actor } from './actor.ts';
import { identifyProcess, isGone, type ProcessIdentity } from './process-identity.ts';

/** Who holds the lock of a workspace, and what for. */
export interface LockHolder extends Actor {
  readonly process: ProcessIdentity;
  /** The command as it was typed. */
  readonly command: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** Of this one hold, so that a release takes away nothing but its own. */
  readonly token: string;
}

/** Keeps a second apply of the workspace off this machine until it is disposed of. */
export type WorkspaceLock = AsyncDisposable & { readonly holder: LockHolder };

/** What a lock is for: changing what runs, or keeping it in sync for as long as a watch goes on. */
export type LockPurpose = 'lock' | 'watch';

/** How to take a lock. */
export interface LockOptions {
  /** Those of different purposes do not keep each other out; `lock` unless told. */
  readonly purpose?: LockPurpose;
  readonly command: string;
  readonly clock: Clock;
  /** How many milliseconds to wait for a living holder to finish; 0 unless told. */
  readonly wait?: number;
  readonly signal?: AbortSignal;
}

const pollEvery = 250;

/**
 * Takes the lock of the workspace that has this state folder. The error says who holds it. A holder that is dead for
 * certain loses it at once: its process is gone, its id belongs to another process, or the machine has been booted since.
 */
export async function acquireLock(folder: string, options: LockOptions): Promise<Result<WorkspaceLock, LockHolder>> {
  const { clock, wait = 0, signal, purpose = 'lock' } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const own = await describeSelf(options);
  const ends = clock.now() + wait;
  for (;;) {
    const other = await guarded(folder, () => takeUnlessHeld(holderFile(folder, purpose), own));
    if (!other) {
      const give = (): Promise<void> => guarded(folder, () => release(holderFile(folder, purpose), own));
      return ok({ holder: own, [Symbol.asyncDispose]: give });
    }
    const left = ends - clock.now();
    if (left <= 0 || signal?.aborted) return err(other);
    await clock.sleep(Math.min(pollEvery, left), signal).catch(() => undefined);
  }
}

/** Who holds the lock at this moment; `undefined` when nobody does, or its holder is dead. */
export async function livingHolder(folder: string, purpose: LockPurpose): Promise<LockHolder | undefined> {
  const holder = await readHolder(holderFile(folder, purpose));
  if (!holder) return undefined;
  const here = (await identifyProcess(process.pid)) ?? { pid: process.pid };
  return (await isDead(holder, { process: here, host: currentActor().host })) ? undefined : holder;
}

/** What to tell a person who was kept out. */
export function lockedDiagnostic(workspace: string, folder: string, holder: LockHolder): Diagnostic {
  const { process, host, user, command, since } = holder;
  const elsewhere = host !== currentActor().host;
  return {
    code: 'locked',
    severity: 'error',
    message:
      `workspace \`${workspace}\` is in use: \`${command}\` by ${user} since ${since} ` +
      `(process ${String(process.pid)}${elsewhere ? ` on ${host}` : ''})`,
    hint: elsewhere
      ? `wait for it to end; if that process is gone for certain, delete \`${holderFile(folder)}\``
      : 'wait for it to end, or interrupt it',
  };
}

function holderFile(folder: string, purpose: LockPurpose = 'lock'): string {
  return join(folder, `${purpose}.json`);
}

/** Whoever is named in the file has the lock; only within the guard is that file read, written or removed. */
async function takeUnlessHeld(file: string, own: LockHolder): Promise<LockHolder | undefined> {
  const holder = await readHolder(file);
  if (holder && !(await isDead(holder, own))) return holder;
  const { default: writeFileAtomic } = await import('write-file-atomic');
  await writeFileAtomic(file, `${JSON.stringify(own)}\n`, { mode: 0o600 });
  return undefined;
}

async function release(file: string, own: LockHolder): Promise<void> {
  const holder = await readHolder(file);
  if (holder?.token === own.token) await rm(file, { force: true });
}

async function readHolder(file: string): Promise<LockHolder | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as LockHolder;
  } catch (error) {
    // It is written in one piece: what cannot be parsed is no holder of ours.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function isDead(holder: LockHolder, own: Pick<LockHolder, 'process' | 'host'>): Promise<boolean> {
  if (holder.host !== own.host) return false;
  return isGone(holder.process, await identifyProcess(holder.process.pid), own.process);
}

/** Runs `work` while no other process is between reading and writing the holder's file. Takes milliseconds. */
async function guarded<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const { default: properLockfile } = await import('proper-lockfile'); // only commands that change something pay for it
  const unlock = await properLockfile.lock(folder, {
    lockfilePath: join(folder, 'lock.guard'),
    realpath: false,
    stale: 5_000, // left behind by a process that was killed in those milliseconds
    retries: { retries: 100, factor: 1.2, minTimeout: 10, maxTimeout: 200, randomize: true },
    onCompromised: () => undefined, // the machine slept: the worst is two that believe the file is theirs to write
  });
  try {
    return await work();
  } finally {
    await unlock().catch(() => undefined);
  }
}

async function describeSelf({ command, clock }: LockOptions): Promise<LockHolder> {
  const identity = (await identifyProcess(process.pid)) ?? { pid: process.pid };
  return {
    process: identity,
    ...currentActor(),
    command,
    since: new Date(clock.now()).toISOString(),
    token: randomUUID(),
  };
}
