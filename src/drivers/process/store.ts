import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { DriverError } from '../../model/outcome.ts';
import { compareCodeUnits } from '../../util/compare.ts';
import type { Json } from '../../util/json.ts';
import { err, ok, type Result } from '../../util/result.ts';
import { failure, isSystemError, orAbsent } from './failure.ts';
import { toInstance, toRun, type Instance, type Run } from './instance.ts';

/**
 * The folders of a workspace's instances, `<state>/processes/<object name>/`:
 *
 *     record.json   what was applied, and the ports it was given
 *     run-3.json    the third start: intent, then identity
 *     exit-3        its exit code and a line break, written by the latch; no line break yet, no exit code yet
 *     secrets/      a file for each secret of the agent, its value, for nobody else to read
 *     stdout.log  stderr.log   appended to by every run
 *     stdout.log.1 …           rotated away, the newest first; see `log-state.ts` for what else lies beside them
 *
 * Where the edge leads is in `<state>/routes/`, see `routes.ts`.
 *
 * Every file appears or changes whole. What is being made or removed lies in `<state>/processes.tmp/`.
 */
export interface Store {
  /** The folder that holds the instances' folders. */
  readonly root: string;
  /** The folder of all that is kept of the workspace. */
  readonly state: string;
  /** The folder that the edge reads its replicas from. */
  readonly routes: string;
  /** The folder in which the edge has a folder of sockets for each agent that goes out by it. */
  readonly ways: string;
  /** The names of all instances, ordered. */
  names(): Promise<readonly string[]>;
  /** An error when there is a record that cannot be read: unreadable is not absent. */
  read(name: string): Promise<Result<Instance | undefined, DriverError>>;
  /** Makes the folder; `false` when there is one of that name. */
  add(instance: Instance): Promise<boolean>;
  write(instance: Instance): Promise<void>;
  remove(name: string): Promise<void>;
  latestRun(name: string): Promise<Run | undefined>;
  /** Writes the intent; `false` when somebody else has begun the run of that number. */
  claimRun(name: string, run: Run): Promise<boolean>;
  writeRun(name: string, run: Run): Promise<void>;
  /** Takes back an intent that came to nothing. */
  dropRun(name: string, run: Run): Promise<void>;
  /** Writes the secrets of an instance, and nothing but these; their folder, `undefined` when there are none. */
  writeSecrets(name: string, secrets: Readonly<Record<string, string>>): Promise<string | undefined>;
  exitCode(name: string, run: Run): Promise<number | undefined>;
  files(name: string): InstanceFiles;
}

/** The absolute paths of one instance. */
export interface InstanceFiles {
  readonly folder: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly secrets: string;
  exit(run: Run): string;
}

/** The store of a workspace whose state folder is `state`; nothing is made before it is needed. */
export function createStore(state: string): Store {
  const root = join(state, 'processes');
  const scratch = join(state, 'processes.tmp');
  const files = (name: string): InstanceFiles => instanceFiles(root, name);
  const recordFile = (name: string): string => join(files(name).folder, 'record.json');
  const runFile = (name: string, number: number): string => join(files(name).folder, `run-${String(number)}.json`);

  return {
    root,
    state,
    routes: join(state, 'routes'),
    ways: join(state, 'ways'),
    files,

    async names() {
      return ((await orAbsent(readdir(root))) ?? []).sort(compareCodeUnits);
    },

    async read(name) {
      const path = recordFile(name);
      const text = await orAbsent(readFile(path, 'utf8'));
      if (text === undefined) return ok(undefined);
      const instance = toInstance(parse(text));
      if (instance?.name === name) return ok(instance);
      return err(
        failure('internal', `\`${path}\` is no record that this aac can read`, {
          hint: 'use the aac that wrote it, or stop the process and remove the folder',
        }),
      );
    },

    async add(instance) {
      await mkdir(root, { recursive: true, mode: 0o700 });
      const made = join(scratch, instance.nonce);
      await mkdir(made, { recursive: true, mode: 0o700 });
      try {
        await writeFile(join(made, 'record.json'), JSON.stringify(instance), { mode: 0o600, flush: true });
        await rename(made, files(instance.name).folder); // fails on a folder that is not empty
        return true;
      } catch (thrown) {
        await rm(made, { recursive: true, force: true });
        if (isSystemError(thrown) && ['EEXIST', 'ENOTEMPTY', 'ENOTDIR'].includes(thrown.code)) return false;
        throw thrown;
      }
    },

    async write(instance) {
      await writeFileAtomic(recordFile(instance.name), JSON.stringify(instance), { mode: 0o600 });
    },

    async remove(name) {
      await mkdir(scratch, { recursive: true, mode: 0o700 });
      const gone = join(scratch, randomBytes(16).toString('hex'));
      const moved = await orAbsent(rename(files(name).folder, gone).then(() => true));
      if (moved) await rm(gone, { recursive: true, force: true });
    },

    async latestRun(name) {
      const numbers = await runNumbers(files(name).folder);
      const number = numbers.at(-1);
      if (number === undefined) return undefined;
      const text = await orAbsent(readFile(runFile(name, number), 'utf8'));
      return text === undefined ? undefined : (toRun(parse(text)) ?? unreadableRun(number));
    },

    async claimRun(name, run) {
      const { folder } = files(name);
      const written = join(folder, `.run-${randomBytes(8).toString('hex')}`);
      await writeFile(written, JSON.stringify(run), { mode: 0o600, flush: true });
      try {
        await link(written, runFile(name, run.number));
      } catch (thrown) {
        if (isSystemError(thrown) && thrown.code === 'EEXIST') return false;
        throw thrown;
      } finally {
        await rm(written, { force: true });
      }
      for (const number of await runNumbers(folder)) {
        if (number >= run.number) break;
        await rm(join(folder, `exit-${String(number)}`), { force: true });
        await rm(runFile(name, number), { force: true });
      }
      return true;
    },

    async writeRun(name, run) {
      await writeFileAtomic(runFile(name, run.number), JSON.stringify(run), { mode: 0o600 });
    },

    async dropRun(name, run) {
      await rm(runFile(name, run.number), { force: true });
    },

    async writeSecrets(name, secrets) {
      const folder = files(name).secrets;
      await rm(folder, { recursive: true, force: true });
      if (Object.keys(secrets).length === 0) return undefined;
      await mkdir(folder, { mode: 0o700 });
      for (const [secret, value] of Object.entries(secrets)) {
        await writeFile(join(folder, secret), value, { mode: 0o600, flag: 'wx' });
      }
      return folder;
    },

    async exitCode(name, run) {
      const text = await orAbsent(readFile(files(name).exit(run), 'utf8'));
      const code = /^(\d+)\n$/.exec(text ?? '')?.[1];
      return code === undefined ? undefined : Number(code);
    },
  };
}

function instanceFiles(root: string, name: string): InstanceFiles {
  if (!isFolderName(name)) throw new Error(`\`${name}\` cannot be the name of a folder`);
  const folder = join(root, name);
  return {
    folder,
    stdout: join(folder, 'stdout.log'),
    stderr: join(folder, 'stderr.log'),
    secrets: join(folder, 'secrets'),
    exit: (run) => join(folder, `exit-${String(run.number)}`),
  };
}

/** Whether an object's name can be a folder's. */
export function isFolderName(name: string): boolean {
  return /^[^/\0]+$/.test(name) && name !== '.' && name !== '..';
}

async function runNumbers(folder: string): Promise<readonly number[]> {
  const entries = (await orAbsent(readdir(folder))) ?? [];
  return entries
    .flatMap((entry) => /^run-(\d+)\.json$/.exec(entry)?.[1] ?? [])
    .map(Number)
    .sort((left, right) => left - right);
}

/** A run nothing can be said of but its number: of no boot, so that it is never signalled. */
function unreadableRun(number: number): Run {
  return { number, bootId: '', starter: { pid: 0, started: '' }, startedAt: '', folder: '/' };
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
