import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isEdge } from '../../model/address.ts';
import { fieldPath } from '../../model/field-path.ts';
import type { DriverError } from '../../model/outcome.ts';
import { matchesFingerprint } from '../../model/reference.ts';
import { toAgentSpec, type AgentSpec } from '../../model/spec.ts';
import { err, ok, type Result } from '../../util/result.ts';
import type { ExecuteContext } from '../driver.ts';
import { apartCommand, runsApart } from './apart.ts';
import { discardCgroup, joinCgroup, type Cgroup } from './cgroup.ts';
import { fingerprintsOf, type ReferencedValues } from '../read-references.ts';
import { baseEnvironment, childEnvironment } from './child-environment.ts';
import { edgeCommand } from './edge-start.ts';
import { failure } from './failure.ts';
import { feed } from './feed.ts';
import { findCommand } from './find-command.ts';
import type { Host } from './host.ts';
import { cookieOf, type Instance, type Run } from './instance.ts';
import { startLatch, type Latch } from './latch.ts';
import { lastLines } from './log-file.ts';
import { prepareCgroup } from './limits.ts';
import { logPaths } from './log-state.ts';
import { prepareLogs } from './maintain-logs.ts';
import { checkPortsFree } from './ports.ts';
import { readValues, type ReadValues } from './read-environment.ts';
import { runAs } from './run-as.ts';
import { listProcesses, sight, type Sighting } from './sighting.ts';
import { stopTree } from './stop-tree.ts';

/** Milliseconds in which a command that cannot be run shows itself. */
const settleTime = 150;
/** Milliseconds to wait for another aac that is starting the same instance. */
const patience = 5_000;

type Started = Result<{ readonly ref: string }, DriverError>;

/**
 * Starts what is not running; success when it runs already. The intent is on disk before anything is started and the
 * identity right after, so whoever comes next, after whatever crash, knows of the process or finds it by its cookie.
 */
export async function start(host: Host, found: Sighting, context: ExecuteContext): Promise<Started> {
  const deadline = host.clock.now() + patience;
  for (let sighting = found; ; sighting = await sight(host, found.instance)) {
    switch (sighting.state.phase) {
      case 'running':
        await recordLatch(host, sighting);
        return ok({ ref: cookieOf(sighting.instance) });
      case 'starting':
        break;
      case 'created':
      case 'exited': {
        const started = await begin(host, sighting, context);
        if (started !== 'claimed by another') return started;
      }
    }
    if (host.clock.now() >= deadline) {
      return err(failure('not-ready', 'another aac is starting it', { retry: 'transient' }));
    }
    await host.clock.sleep(50, context.signal);
  }
}

async function begin(host: Host, sighting: Sighting, context: ExecuteContext): Promise<Started | 'claimed by another'> {
  const ready = await prepare(host, sighting, context);
  if (!ready.ok) return ready;
  const { command, folder, values } = ready.value;
  const user = await runAs(toAgentSpec(sighting.instance.record.lastApplied).security, host.system.user());
  const store = host.store(context.workspace);
  const instance = await refreshFingerprints(host, sighting.instance, values.referenced);
  const number = (sighting.run?.number ?? 0) + 1;
  const cgroup = await prepareCgroup(host, instance, number, (message) => {
    context.progress(message);
  });
  if (!cgroup.ok) return cgroup;
  const intent: Run = {
    number,
    bootId: await host.system.bootId(),
    starter: { pid: process.pid, started: (await host.system.identify(process.pid))?.started ?? '' },
    startedAt: new Date(host.clock.now()).toISOString(),
    folder,
    ...(cgroup.value ? { cgroup: cgroup.value } : {}),
  };
  if (!(await store.claimRun(instance.name, intent))) return 'claimed by another';
  const files = store.files(instance.name);
  const input = host.inputs.get(cookieOf(instance));
  let latch: Latch;
  try {
    await prepareLogs(host, instance);
    latch = await startLatch({
      command,
      folder,
      environment: childEnvironment({
        caller: host.environment,
        declared: runsApart(instance) ? withoutNodeOptions(values.environment) : values.environment,
        secrets: await store.writeSecrets(instance.name, values.secrets),
        instance,
        run: intent,
      }),
      exitFile: files.exit(intent),
      stdout: files.stdout,
      stderr: files.stderr,
      ...(input ? { input: true } : {}),
      ...placeIn(cgroup.value),
      ...(user ? { user } : {}),
    });
  } catch (thrown) {
    await store.dropRun(instance.name, intent);
    if (cgroup.value) await discardCgroup(cgroup.value);
    throw thrown;
  }
  if (input && latch.stdin) void feed(latch.stdin, input, ended(latch));
  const { started, sid } = (await host.system.identify(latch.pid)) ?? { started: '', sid: latch.pid }; // '': ended
  await store.writeRun(instance.name, { ...intent, process: { pid: latch.pid, started, sid } });
  const failed = await failedAtOnce(host, latch, { name: ready.value.name, stderr: files.stderr });
  return failed ? err(failed) : ok({ ref: cookieOf(instance) });
}

/** They are meant for the agent, not for the program around it, which gives them to it. */
function withoutNodeOptions(environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { NODE_OPTIONS: options, ...others } = environment;
  return options === undefined ? others : { ...others, AAC_NODE_OPTIONS: options };
}

function placeIn(cgroup: Cgroup | undefined): { readonly place?: (pid: number) => Promise<void> } {
  return cgroup ? { place: (pid) => joinCgroup(cgroup, pid) } : {};
}

/** Aborted when the latch ends. */
function ended(latch: Latch): AbortSignal {
  const over = new AbortController();
  void latch.ended.then(() => over.abort());
  return over.signal;
}

interface Prepared {
  /** The command's first word, as it was written. */
  readonly name: string;
  readonly command: readonly string[];
  readonly folder: string;
  readonly values: ReadValues;
}

/** Everything that can be refused before a process exists. */
async function prepare(
  host: Host,
  { instance, run, state }: Sighting,
  context: ExecuteContext,
): Promise<Result<Prepared, DriverError>> {
  const spec = toAgentSpec(instance.record.lastApplied);
  const isOwn = isEdge(instance.record.address);
  const folder = isOwn
    ? host.store(context.workspace).files(instance.name).folder
    : resolve(context.root, spec.workingDir ?? '.');
  if (!(await isFolder(folder))) {
    return err(
      failure('invalid', `working directory \`${folder}\` does not exist`, { field: fieldPath('workingDir') }),
    );
  }
  const values = await readValues(spec, context.values);
  if (!values.ok) return values;
  const path = values.value.environment.PATH ?? baseEnvironment(host.environment).PATH ?? '';
  const resolved = await (isOwn ? edgeCommand(host, instance) : resolveCommand(spec, folder, path));
  if (!resolved.ok) return resolved;
  const { name, command: words } = resolved.value;
  const command = runsApart(instance)
    ? await apartCommand(host, instance, { command: words, folder, root: context.root })
    : ok(words);
  if (!command.ok) return command;
  if (state.phase === 'exited' && state.leftovers.length > 0) {
    context.progress(`ending what its last run left: ${listProcesses(state.leftovers)}`);
    const order = { cookie: cookieOf(instance), signal: 'SIGKILL', gracePeriod: 0, abort: context.signal } as const;
    const left = await stopTree(host.system, host.clock, order);
    if (left.length > 0) return err(failure('conflict', `its last run is still there: ${listProcesses(left)}`));
  }
  if (run?.cgroup) await discardCgroup(run.cgroup); // with what it counted
  const free = runsApart(instance) ? ok(undefined) : await checkPortsFree(host.system, instance.ports);
  return free.ok ? ok({ name, command: command.value, folder, values: values.value }) : free;
}

async function resolveCommand(
  spec: AgentSpec,
  folder: string,
  path: string,
): Promise<Result<Pick<Prepared, 'name' | 'command'>, DriverError>> {
  const [name, ...rest] = [...(spec.command ?? []), ...(spec.args ?? [])];
  const field = fieldPath('command');
  if (name === undefined) return err(failure('invalid', 'there is no command to run', { field }));
  const found = await findCommand(name, folder, path);
  switch (found.status) {
    case 'found':
      return ok({ name, command: [found.path, ...rest] });
    case 'not-executable':
      return err(
        failure('invalid', `\`${found.path}\` is not an executable file`, {
          field,
          hint: '`chmod +x` it',
          exitCode: 126,
        }),
      );
    case 'not-found': {
      const other = name === 'python' && (await findCommand('python3', folder, path)).status === 'found';
      const hint = other
        ? '`python3` is there: name it in `command`'
        : name.includes('/')
          ? `it was looked for in \`${folder}\``
          : 'it is in none of the folders of `PATH`';
      return err(failure('invalid', `command not found: \`${name}\``, { field, hint, exitCode: 127 }));
    }
  }
}

/** The error of a command that the latch could not run: a script, say, whose interpreter is missing. */
async function failedAtOnce(
  host: Host,
  latch: Latch,
  command: { readonly name: string; readonly stderr: string },
): Promise<DriverError | undefined> {
  const settled = new AbortController();
  const wait = host.clock.sleep(settleTime, settled.signal).catch(() => undefined);
  const code = await Promise.race([latch.ended, wait]);
  settled.abort();
  if (code !== 126 && code !== 127) return undefined;
  const what = code === 127 ? 'command not found' : 'command cannot be run';
  return failure('invalid', `${what}: \`${command.name}\` ended at once with exit code ${String(code)}`, {
    field: fieldPath('command'),
    details: await lastLines(logPaths(command.stderr), 5),
    exitCode: code,
  });
}

/** A value that has changed since the object was made: what is started now holds the new one, and the record says so. */
async function refreshFingerprints(host: Host, instance: Instance, referenced: ReferencedValues): Promise<Instance> {
  const { record } = instance;
  const changed = [...referenced].filter(([field, value]) => {
    const known = record.fingerprints[field];
    return !known || !matchesFingerprint(known, value);
  });
  if (changed.length === 0) return instance;
  const fingerprints = { ...record.fingerprints, ...fingerprintsOf(new Map(changed)) };
  const refreshed = { ...instance, record: { ...record, fingerprints } };
  await host.store(record.workspace).write(refreshed);
  return refreshed;
}

/** Repairs the record of a start that was cut short after its process had come to be. */
async function recordLatch(host: Host, { instance, run, state }: Sighting): Promise<void> {
  if (!run || run.process || state.phase !== 'running') return;
  const { pid, started, sid } = state.latch;
  await host.store(instance.record.workspace).writeRun(instance.name, { ...run, process: { pid, started, sid } });
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
