import { execa } from 'execa';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityOf, signalVerified } from '../../src/drivers/process/identity.ts';
import { parseCookie } from '../../src/drivers/process/instance.ts';
import { createLinuxSystem } from '../../src/drivers/process/linux-system.ts';
import { cookieVariables, type RunningProcess } from '../../src/drivers/process/system.ts';
import { runCommand, type Ended } from '../support/run-command.ts';
import { eventually } from '../drivers/process/rig.ts';

const bin = join(import.meta.dirname, '..', '..', 'bin', 'aac');

/** One row of `aac ps --format json`. */
export interface Row {
  readonly agent: string;
  readonly state: string;
  readonly exitCode?: number;
  readonly health: string;
  readonly restarts: number;
  readonly supervision?: { readonly state: string; readonly because: string };
}

/** A watch in the foreground. */
export interface Watching {
  readonly process: PromiseLike<{ readonly exitCode?: number }> & {
    readonly pid?: number | undefined;
    kill(signal: NodeJS.Signals): boolean;
  };
  /** All that it has printed. */
  output(): string;
  /** The exit code after a signal. */
  end(signal: NodeJS.Signals): Promise<number | undefined>;
}

/** A project of local processes with a state folder of its own: nothing is left of it when it is disposed of. */
export interface WatchRig extends AsyncDisposable {
  readonly workspace: string;
  readonly project: string;
  readonly state: string;
  /** A path outside of the project, where agents write. */
  out(name: string): string;
  /** Writes the manifest of an agent: `spec` is YAML flow, `script` runs with `sh` and adds its pid to `pids(name)`. */
  agent(name: string, script: string, spec?: string): Promise<void>;
  /** The process ids that an agent has had, the newest last. */
  pids(name: string): Promise<readonly number[]>;
  aac(...parameters: readonly string[]): Promise<Ended>;
  ps(agent: string): Promise<Row | undefined>;
  watch(...parameters: readonly string[]): Watching;
  /** Another command that goes on until it is ended. */
  follow(...parameters: readonly string[]): Watching;
  /** Resolves once a watch holds the workspace. */
  watched(): Promise<void>;
  /** Every process that belongs to the workspace, latches too. */
  members(): Promise<readonly RunningProcess[]>;
}

let made = 0;

/** A rig whose project holds no agent yet. What runs elsewhere than here is the test's to remove. */
export async function createWatchRig(
  options: { readonly driver?: 'process' | 'docker'; readonly environment?: Readonly<Record<string, string>> } = {},
): Promise<WatchRig> {
  const { driver = 'process' } = options;
  const system = createLinuxSystem();
  const folder = await mkdtemp(join(tmpdir(), 'aac-watch-'));
  const workspace = `watch-${String(process.pid)}-${String(made++)}`;
  const [project, state] = [join(folder, 'project'), join(folder, 'state')];
  await mkdir(project);
  await writeFile(
    join(project, 'aac.yaml'),
    `apiVersion: agent.dev/v1\nkind: Project\nmetadata: { name: ${workspace} }\nspec: { driver: ${driver} }\n`,
  );
  const environment = { ...options.environment, AAC_STATE_DIR: state };
  const watches: Watching[] = [];
  const out = (name: string): string => join(folder, name);

  const rig: WatchRig = {
    workspace,
    project,
    state: join(state, workspace),
    out,
    async agent(name, script, spec = '') {
      const command = JSON.stringify(['sh', '-c', `echo $$ >>${out(`${name}.pids`)}; ${script}`]);
      await writeFile(
        join(project, `${name}.agent.yaml`),
        `apiVersion: agent.dev/v1\nkind: Agent\nmetadata: { name: ${name} }\nspec:\n  command: ${command}\n${spec}\n`,
      );
    },
    async pids(name) {
      const file = out(`${name}.pids`);
      return existsSync(file) ? (await readFile(file, 'utf8')).split('\n').filter(Boolean).map(Number) : [];
    },
    aac: (...parameters) => runCommand(bin, parameters, { cwd: project, environment }),
    async ps(agent) {
      const { stdout } = await rig.aac('ps', '--all', '--format', 'json');
      return (JSON.parse(stdout) as { agents: readonly Row[] }).agents.find((row) => row.agent === agent);
    },
    watch: (...parameters) => rig.follow('watch', '--debounce', '50ms', ...parameters),
    follow(...parameters) {
      const child = execa(bin, parameters, {
        cwd: project,
        env: { NO_COLOR: '1', ...environment },
        stdin: 'ignore',
        all: true,
        reject: false,
      });
      let text = '';
      child.all.on('data', (data: Buffer) => (text += data.toString()));
      const watching: Watching = {
        process: child,
        output: () => text,
        async end(signal) {
          child.kill(signal);
          return (await child).exitCode;
        },
      };
      watches.push(watching);
      return watching;
    },
    watched: () =>
      eventually(
        async () => (await rig.aac('watch', '--status')).exitCode === 0,
        () => watches.map((watching) => watching.output()).join('\n'),
      ),
    members: async () =>
      (await system.processes()).filter(
        (process) => parseCookie(process.variables[cookieVariables.instance] ?? '')?.workspace === workspace,
      ),
    async [Symbol.asyncDispose]() {
      await rig.aac('watch', '--stop'); // one in the background
      await Promise.all(watches.map((watching) => watching.end('SIGKILL')));
      const bootId = await system.bootId();
      for (const member of await rig.members()) {
        await signalVerified(system, identityOf(member, bootId), 'SIGKILL', 'process');
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
  return rig;
}
