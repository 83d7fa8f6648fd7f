import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { unreadable } from '../manifest/load.ts';
import { readProject, type ProjectReading } from '../manifest/read-project.ts';
import { runDocument, type RunOrder } from '../manifest/run-document.ts';
import { agentTemplate, parseAddress, runAddress, runTemplate, type Address } from '../model/address.ts';
import type { Agent, DriverName } from '../model/agent.ts';
import type { DesiredState, ResourceTemplate } from '../model/desired.ts';
import { hasErrors, type Diagnostic } from '../model/diagnostic.ts';
import type { ObservedResource } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import type { ConsoleSpec } from '../model/spec.ts';
import { digestOf } from '../plan/digest.ts';
import { plan } from '../plan/plan.ts';
import { err, ok, type Result } from '../util/result.ts';
import { compileProject } from './compile-project.ts';
import { observeWorkspace } from './observe-workspace.ts';
import { randomName } from './random-name.ts';
import type { Surroundings, Workspace } from './workspace.ts';

/** One agent without a file. Paths are relative to the caller's directory. */
export interface RunRequest extends Omit<RunOrder, 'name' | 'commandIs' | 'command' | 'fileVariables'> {
  /** Unless given, one that can be read aloud. */
  readonly name?: string;
  /** What the image is told to do; on processes, the command itself. */
  readonly command?: readonly string[];
  readonly envFile?: readonly string[];
  /** Whether the agent reads input, and has a terminal. */
  readonly stdin?: boolean;
  readonly tty?: boolean;
  /** Nobody stays with it: its plan waits until it is ready. */
  readonly detach?: boolean;
}

/** What a run is going to do. */
export interface PlannedRun {
  readonly name: string;
  readonly address: Address;
  readonly driver: DriverName;
  readonly plan: Plan;
  readonly reading: ProjectReading;
  /** What stops it gracefully. */
  readonly stopSignal: string;
}

/** What is wrong with a request, and the texts that it points into: its own command line among them. */
export interface RefusedRun {
  readonly diagnostics: readonly Diagnostic[];
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * Plans one agent that no manifest declares: the request becomes a manifest, and goes the way of one. The error lists
 * what is wrong with the request, or keeps it from being carried out here. Changes nothing anywhere.
 */
export async function planRun(
  workspace: Workspace,
  path: string,
  request: RunRequest,
  { cwd, environment }: Pick<Surroundings, 'cwd' | 'environment'>,
  signal: AbortSignal,
): Promise<Result<PlannedRun, RefusedRun>> {
  const files = await readEnvFiles(request.envFile ?? [], cwd);
  if (!files.ok) return err({ diagnostics: files.error, texts: new Map() });
  const chosen = request.driver ?? workspace.reading.driver ?? 'docker';
  const unobserved = await namesInUse(workspace, signal);
  const name = request.name ?? randomName(unobserved, Math.random);
  const order = orderOf(request, { name, cwd, environment, driver: chosen, fileVariables: Object.keys(files.value) });
  const reading = await readProject(path, {
    cwd,
    environment: { ...environment, ...files.value },
    ...(request.driver ? { driver: request.driver } : {}),
    signal,
    only: runDocument(order),
  });
  const refused = (diagnostics: readonly Diagnostic[]) =>
    err({ diagnostics: diagnostics.map((each) => forRun(each, name)), texts: reading.texts });
  const imageMissing = chosen !== 'process' && request.image === undefined ? [noImage] : [];
  const [agent] = reading.agents;
  const found = [...imageMissing, ...reading.diagnostics];
  if (!agent || hasErrors(found)) return refused(found);
  const compiled = await compileProject(reading.project, [asRun(agent, request, cwd)], workspace.drivers);
  const diagnostics = [...found, ...compiled.diagnostics];
  if (hasErrors(diagnostics)) return refused(diagnostics);
  const desired = desiredRun(compiled.desired, agent);
  const [seen, unread] = await Promise.all([
    observeWorkspace(reading.project, desired, new Set(), workspace.drivers, signal),
    reading.checkReferences(),
  ]);
  const standing = [...seen.observed.resources.values()].flat();
  const problems = [...diagnostics, ...seen.diagnostics, ...unread, ...nameTaken(name, workspace, standing)];
  if (hasErrors(problems)) return refused(problems);
  const address = runAddress(name);
  const made = plan(desired, seen.observed, { run: new Set([address]), quotas: reading.project.quotas });
  const all = [...problems, ...made.diagnostics];
  if (hasErrors(all)) return refused(all);
  const { docker } = reading.project;
  const nodes = request.detach ? made.nodes : withoutWaits(made.nodes);
  return ok({
    name,
    address,
    driver: agent.driver,
    plan: {
      ...made,
      nodes,
      digest: digestOf({ ...made, nodes }),
      diagnostics: all.map((each) => forRun(each, name)),
      ...(docker ? { docker } : {}),
    },
    reading,
    stopSignal: agent.stop.signal,
  });
}

/** A request as the words of a command line, its paths absolute. */
function orderOf(
  request: RunRequest,
  options: Pick<RunOrder, 'name' | 'fileVariables'> & {
    readonly driver: DriverName;
    readonly cwd: string;
    readonly environment: Surroundings['environment'];
  },
): RunOrder {
  const { name, cwd, environment, driver, fileVariables = [] } = options;
  const { command = [], image, envFile: _files, stdin: _stdin, tty: _tty, detach: _detach, ...rest } = request;
  const own = driver === 'process';
  const given = (request.env ?? []).filter((variable) => variable.includes('=') || environment[variable] !== undefined);
  const named = new Set(given.map((variable) => variable.split('=')[0]));
  return {
    ...rest,
    name,
    env: given,
    // what is said one by one wins over files
    fileVariables: fileVariables.filter((variable) => !named.has(variable)),
    volume: (request.volume ?? []).map((volume) => (/^\.\.?(\/|:)/.test(volume) ? absolute(volume, cwd) : volume)),
    ...(image !== undefined && !own ? { image } : {}),
    ...(request.workdir !== undefined && own ? { workdir: resolve(cwd, request.workdir) } : {}),
    commandIs: own ? 'command' : 'args',
    command: own && image !== undefined ? [image, ...command] : command,
  };
}

function absolute(volume: string, cwd: string): string {
  const [source = '', ...rest] = volume.split(':');
  return [resolve(cwd, source), ...rest].join(':');
}

/** What no manifest can say: its standard streams, and that a process runs where the caller stands. */
function asRun(agent: Agent, { stdin = false, tty = false, detach = false }: RunRequest, cwd: string): Agent {
  const console: ConsoleSpec = { stdin: stdin ? (detach ? 'open' : 'attached') : 'none', tty };
  return {
    ...agent,
    dependsOn: [],
    replicas: { count: 1 },
    ...(agent.driver === 'process' && agent.workingDir === undefined ? { workingDir: cwd } : {}),
    ...(stdin || tty ? { console } : {}),
    written: agent.written,
    source: agent.source,
  };
}

/** The agent under the address of a run. What ends by itself need not have ended to be ready. */
function desiredRun(desired: DesiredState, { name }: Agent): DesiredState {
  const templates = [...desired.templates.values()].map((template): ResourceTemplate => {
    if (template.address !== agentTemplate(name)) return template;
    return { ...template, address: runTemplate(name), readiness: { ...template.readiness, oneShot: false } };
  });
  return { ...desired, templates: new Map(templates.map((template) => [template.address, template])) };
}

/** Somebody stays with the agent and sees whether it runs: what waited for a wait waits for what that waited for. */
function withoutWaits(nodes: Plan['nodes']): Plan['nodes'] {
  const waits = new Map(nodes.flatMap(({ id, step, dependsOn }) => (step.verb === 'wait' ? [[id, dependsOn]] : [])));
  return nodes
    .filter(({ id }) => !waits.has(id))
    .map((node) => ({ ...node, dependsOn: [...new Set(node.dependsOn.flatMap((id) => waits.get(id) ?? [id]))] }));
}

async function namesInUse({ reading, drivers, history }: Workspace, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const { observed } = await observeWorkspace(reading.project, undefined, history.drivers, drivers, signal);
  return new Set([
    ...reading.agents.map((agent) => agent.name),
    ...[...observed.resources.keys()].flatMap((address) => parseAddress(address)?.name ?? []),
  ]);
}

/** A name means one agent, as logs and exec go by it and others find it by it on the network. */
function nameTaken(name: string, { reading }: Workspace, standing: readonly ObservedResource[]): readonly Diagnostic[] {
  const holder = standing.find(({ kind, address }) => kind === 'agent' && parseAddress(address)?.name === name);
  const declared = reading.agents.find((agent) => agent.name === name);
  if (!holder && !declared) return [];
  const isRun = holder?.record.origin === 'run';
  return [
    {
      code: 'name-taken',
      severity: 'error',
      message: holder
        ? `there is an agent \`${name}\` already (\`${holder.address}\`, ${holder.phase})`
        : `\`${declared?.file ?? ''}\` declares an agent \`${name}\``,
      hint: isRun ? `take another name, or remove it first: \`aac rm ${name}\`` : 'take another name',
    },
  ];
}

async function readEnvFiles(
  files: readonly string[],
  cwd: string,
): Promise<Result<Readonly<Record<string, string>>, readonly Diagnostic[]>> {
  const variables: Record<string, string> = {};
  for (const file of files) {
    try {
      Object.assign(variables, parseEnv(await readFile(resolve(cwd, file), 'utf8')));
    } catch (error) {
      return err([unreadable(file, error)]);
    }
  }
  return ok(variables);
}

const noImage: Diagnostic = {
  code: 'missing-field',
  severity: 'error',
  message: 'no image is named',
  hint: 'name one, as in `aac run busybox`; to run a local command: `aac run --driver process -- COMMAND`',
};

/** What to do about it, where the words of a manifest are no help at a command line. */
const hints: Readonly<Partial<Record<Diagnostic['code'], string>>> = {
  'port-in-use': 'stop it, or publish another port: `-p 0:PORT` takes any free one',
  'image-not-found': 'build it, or leave `--pull never` out',
};

function forRun(diagnostic: Diagnostic, name: string): Diagnostic {
  const hint = hints[diagnostic.code];
  return {
    ...diagnostic,
    ...(diagnostic.address === agentTemplate(name) ? { address: runTemplate(name) } : {}),
    ...(hint === undefined ? {} : { hint }),
  };
}
