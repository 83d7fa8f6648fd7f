import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { inject, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import type { Plan } from '../../src/model/plan.ts';
import { createEngineProxy, isReading, proxyAt, type EngineProxy } from './engine-proxy.ts';
import { dockerClient, dockerHost, removeWorkspace } from './docker.ts';
import { beginOnTerminal, type OnTerminal, type TerminalOptions } from './on-terminal.ts';
import type { Ended } from './run-command.ts';

const command = join(import.meta.dirname, '..', '..', 'bin', 'aac');

/** A command that was begun and may still run. */
export interface Begun {
  readonly pid: number;
  /** What it has printed so far, both streams in the order they came. */
  readonly printed: () => string;
  /** Waits until what it has printed is so; throws when it ends before that. */
  until(isSo: RegExp | ((printed: string) => boolean)): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ended>;
}

/** The built `aac`, in one folder and with one environment. */
export interface Commands {
  /** Runs it to its end, without input. */
  readonly aac: (...parameters: readonly string[]) => Promise<Ended>;
  /** The same with something to read. */
  readonly feed: (input: string, ...parameters: readonly string[]) => Promise<Ended>;
  readonly begin: (...parameters: readonly string[]) => Begun;
  /** Begins it, or with `shell` a shell that knows it as `$AAC`, on a terminal of its own. */
  readonly onTerminal: (options: TerminalOptions, ...parameters: readonly string[]) => OnTerminal;
  /** `aac apply --auto-approve`, which has to succeed. */
  readonly apply: (...parameters: readonly string[]) => Promise<Ended>;
  /** The document of `aac plan --format json`; throws when there is no plan. */
  readonly plan: (...parameters: readonly string[]) => Promise<Plan>;
}

/** A temporary folder with manifests, a workspace and a state folder of its own. */
export interface Rig extends Commands, AsyncDisposable {
  /** Unlike any other, and the beginning of the name of everything that is made. */
  readonly workspace: string;
  /** Where the manifests are and commands run. */
  readonly folder: string;
  /** AAC_STATE_DIR. */
  readonly state: string;
  /** Writes files below {@link folder}. */
  write(files: Readonly<Record<string, string>>): void;
  remove(...files: readonly string[]): void;
  /** The text of a file with `from` replaced, which has to be in it. */
  edit(file: string, from: string, to: string): void;
  /** The same in another folder below, or with more in the environment; `undefined` takes a variable away. */
  with(change: {
    readonly folder?: string;
    readonly environment?: Readonly<Record<string, string | undefined>>;
  }): Commands;
  /** The processes that carry the workspace's name in their environment or run in the folder; Linux alone can say. */
  processes(): readonly number[];
}

/** How a rig is made. */
export interface RigOptions {
  /** Commands use the engine of the tests; without it they find none. */
  readonly docker?: boolean;
  /** What is in the `spec` of `aac.yaml`; `none` writes no such file, and the folder's name is the workspace. */
  readonly project?: Readonly<Record<string, unknown>> | 'none';
}

/**
 * Makes a rig for the test that runs. Disposing of it leaves nothing of its workspace: neither containers, networks and
 * volumes nor processes nor files. The end of the test disposes of it too, should a time limit have cut the test off.
 */
export function createRig({ docker = false, project = {} }: RigOptions = {}): Rig {
  const workspace = `e2e-${randomBytes(4).toString('hex')}`;
  const root = mkdtempSync(join(tmpdir(), `${workspace}-`));
  const folder = join(root, workspace);
  const state = join(root, 'state');
  mkdirSync(folder);
  const base = { AAC_STATE_DIR: state, DOCKER_HOST: docker ? dockerHost() : `unix://${join(root, 'no-engine.sock')}` };
  const rig: Rig = {
    ...commandsIn(folder, base),
    workspace,
    folder,
    state,
    write: (files) => {
      for (const [file, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, file)), { recursive: true });
        writeFileSync(join(folder, file), text);
      }
    },
    remove: (...files) => {
      for (const file of files) rmSync(join(folder, file), { force: true });
    },
    edit: (file, from, to) => {
      const text = readFileSync(join(folder, file), 'utf8');
      if (!text.includes(from)) throw new Error(`\`${from}\` is not in ${file}:\n${text}`);
      writeFileSync(join(folder, file), text.replace(from, to));
    },
    with: (change) => commandsIn(join(folder, change.folder ?? '.'), { ...base, ...change.environment }),
    processes: () => processesOf(workspace, root),
    [Symbol.asyncDispose]: () => (disposed ??= dispose()),
  };
  let disposed: Promise<void> | undefined;
  const dispose = async (): Promise<void> => {
    if (process.platform !== 'linux') await rig.aac('destroy', '--auto-approve');
    await killAll(() => processesOf(workspace, root));
    if (docker) await removeWorkspace(dockerClient(), workspace);
    rmSync(root, { recursive: true, force: true });
  };
  onTestFinished(() => rig[Symbol.asyncDispose]());
  if (project !== 'none') {
    rig.write({
      'aac.yaml': stringify({
        apiVersion: 'agent.dev/v1',
        kind: 'Project',
        metadata: { name: workspace },
        ...(Object.keys(project).length > 0 ? { spec: project } : {}),
      }),
    });
  }
  return rig;
}

/** Commands that change nothing on any engine, which is looked at whenever a test runs one. */
const readOnly: ReadonlySet<string> = new Set(['validate', 'plan', 'drift', 'history']);

/**
 * Runs a command through a proxy that sees all that it asks of an engine, the test's own or a new one, and throws where
 * a command that only looks has asked for a change.
 */
async function watched(
  { DOCKER_HOST: host = '' }: Readonly<Record<string, string | undefined>>,
  [name = '']: readonly string[],
  run: (host?: string) => Promise<Ended>,
): Promise<Ended> {
  const own = proxyAt(host);
  if (!readOnly.has(name) || !(own ?? existsSync(host.replace('unix://', '')))) return run();
  if (own) return judged(name, own, () => run());
  await using proxy = await createEngineProxy(host);
  return await judged(name, proxy, () => run(proxy.host));
}

async function judged(name: string, proxy: EngineProxy, run: () => Promise<Ended>): Promise<Ended> {
  const before = proxy.requests.length;
  const ended = await run();
  const changes = proxy.requests.slice(before).filter((request) => !isReading(request));
  if (changes.length > 0) throw new Error(`\`aac ${name}\` changed something: ${JSON.stringify(changes)}`);
  return ended;
}

function commandsIn(folder: string, environment: Readonly<Record<string, string | undefined>>): Commands {
  const begin: Commands['begin'] = (...parameters) => {
    const begun = beginCommand(folder, environment, parameters);
    const own = proxyAt(environment.DOCKER_HOST ?? '');
    if (own === undefined && readOnly.has(parameters[0] ?? '') && environment.DOCKER_HOST === inject('dockerHost'))
      throw new Error('what only looks is run with `aac`, or through a proxy, so that it is seen to do so');
    return { ...begun, ended: watched(environment, own ? parameters : [], () => begun.ended) };
  };
  const onTerminal: Commands['onTerminal'] = (options, ...parameters) =>
    beginOnTerminal(command, parameters, { ...options, folder, environment });
  const run = (parameters: readonly string[], input?: string): Promise<Ended> =>
    watched(environment, parameters, (host = environment.DOCKER_HOST) => {
      return beginCommand(folder, { ...environment, DOCKER_HOST: host }, parameters, input).ended;
    });
  const aac: Commands['aac'] = (...parameters) => run(parameters);
  return {
    aac,
    feed: (input, ...parameters) => run(parameters, input),
    begin,
    onTerminal,
    apply: async (...parameters) => expectEnd(await aac('apply', ...parameters, '--auto-approve'), 0),
    plan: async (...parameters) => {
      const ended = expectEnd(await aac('plan', ...parameters, '--format', 'json'), 0);
      return JSON.parse(ended.stdout) as Plan;
    },
  };
}

function expectEnd(ended: Ended, exitCode: number): Ended {
  if (ended.exitCode !== exitCode) throw new Error(`ended with ${String(ended.exitCode)}:\n${ended.all}`);
  return ended;
}

/** Runs the entry with this very Node, so that it is the child itself that a signal reaches. */
function beginCommand(
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
  parameters: readonly string[],
  input?: string,
): Begun {
  const child = execa(process.execPath, [command, ...parameters], {
    cwd: folder,
    env: { NO_COLOR: '1', DOCKER_CONTEXT: undefined, ...environment },
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
    all: true,
    reject: false,
    stripFinalNewline: false,
    timeout: 60_000, // a command that hangs shows what it has printed, and is no unexplained end of the test
    killSignal: 'SIGKILL',
  });
  let printed = '';
  const waiting = new Set<() => void>();
  child.all.on('data', (chunk: Buffer) => {
    printed += chunk.toString('utf8');
    for (const look of waiting) look();
  });
  const ended = child.then(({ exitCode, stdout, stderr, all }) => ({ exitCode, stdout, stderr, all }));
  return {
    pid: child.pid ?? 0,
    printed: () => printed,
    until: (isSo) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!(typeof isSo === 'function' ? isSo(printed) : isSo.test(printed))) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
        void ended.then(() => reject(new Error(`it ended before ${String(isSo)}:\n${printed}`)));
      }),
    signal: (signal) => void child.kill(signal),
    ended,
  };
}

/** Kills until nobody is left, as what is killed may just have started another; gives up after ten seconds. */
async function killAll(find: () => readonly number[]): Promise<void> {
  const ends = Date.now() + 10_000;
  for (let left = find(); left.length > 0; left = find()) {
    if (Date.now() > ends) throw new Error(`processes that cannot be killed: ${left.join(', ')}`);
    for (const pid of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // ended meanwhile
      }
    }
    await delay(10);
  }
}

function processesOf(workspace: string, root: string): readonly number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) return [];
    try {
      if (readFileSync(`/proc/${entry}/stat`, 'latin1').split(') ')[1]?.startsWith('Z')) return [];
      const isOurs =
        readFileSync(`/proc/${entry}/environ`, 'latin1').includes(workspace) ||
        `${readlinkSync(`/proc/${entry}/cwd`)}/`.startsWith(`${root}/`);
      return isOurs ? [Number(entry)] : [];
    } catch {
      return []; // gone meanwhile, a kernel thread, or another user's
    }
  });
}
