import { join } from 'node:path/posix';
import { agentTemplate, edgeTemplate } from '../../model/address.ts';
import type { Agent, Project } from '../../model/agent.ts';
import { hasErrors, type Diagnostic } from '../../model/diagnostic.ts';
import type { AgentSpec } from '../../model/spec.ts';
import { agentResourceTemplate, commonSpec, refuseUnsupported } from '../compile.ts';
import type { Compiled } from '../driver.ts';
import { refuseProxyProtocol } from '../edge-template.ts';
import { refuseRollingPorts } from '../rollout.ts';
import { behindEdge, compileEdge, edgeAttachment, meetsEdge, sharedPorts } from './edge-compile.ts';
import type { Controller } from './find-cgroups.ts';
import type { Machine } from './machine.ts';
import { apartEnvironment, checkApart, isApart } from './restricted.ts';
import { signalName } from './send-signal.ts';
import { unsupportedFields } from './unsupported.ts';

/** What starts an agent of a language that says nothing else. */
const defaultCommands: Readonly<Partial<Record<NonNullable<Agent['runtime']>['language'], readonly string[]>>> = {
  python: ['python', 'main.py'],
  nodejs: ['node', 'index.js'],
  go: ['./app'],
  rust: ['./app'],
};

/** The template of an agent that runs as local processes. Its image means nothing here. */
export function compileAgent(written: Agent, machine: Machine): Compiled {
  const agent = behindEdge(written, machine);
  const command = agent.command ?? (agent.runtime && defaultCommands[agent.runtime.language]);
  const diagnostics = [
    ...refuseUnsupported(agent, 'process', unsupportedFields(agent, machine)),
    ...(command ? [] : [noCommand(agent)]),
    ...refuseRollingPorts(agent, 'process'),
    ...refuseProxyProtocol(written, sharedPorts(written, machine)),
    ...unknownSignal(agent),
    ...noConsole(agent),
    ...checkApart(written, machine),
  ];
  if (hasErrors(diagnostics)) return { templates: [], diagnostics };
  const spec = { ...specOf(agent, command, machine), ...edgeAttachment(written, machine) };
  const template = agentResourceTemplate(agent, spec, { driver: 'process', shared: [], image: false });
  const edge = meetsEdge(written, machine) ? [{ address: edgeTemplate, until: 'ready' } as const] : [];
  const routes = sharedPorts(written, machine).length > 0 ? { routes: true } : {};
  return { templates: [{ ...template, ...routes, dependsOn: [...edge, ...template.dependsOn] }], diagnostics };
}

/** Processes share nothing that has to be made but the edge. Notes for all of them: who restarts what crashes, who holds limits. */
export function compileSharedProcesses(
  agents: readonly Agent[],
  project: Project,
  { cgroups, ...machine }: Pick<Machine, 'cgroups' | 'sandbox'>,
): Compiled {
  const diagnostics: Diagnostic[] = [];
  if (agents.some((agent) => agent.restartPolicy.name !== 'never')) {
    diagnostics.push({
      code: 'unsupervised',
      severity: 'note',
      message: 'nothing restarts crashed processes until `aac watch` runs',
    });
  }
  if (agents.some(({ resources: { limits, requests } }) => Object.keys({ ...limits, ...requests }).length > 0)) {
    const message = cgroups
      ? `limits enforced by cgroup ${cgroups.version}`
      : 'memory limits enforced by a watchdog while `aac watch` runs: no cgroup can be made here';
    diagnostics.push({ code: 'limits-enforced', severity: 'note', message });
  }
  const edge = compileEdge(agents, project, machine);
  return { templates: edge.templates, diagnostics: [...diagnostics, ...edge.diagnostics] };
}

/** Without what has been refused, or is left out because `lifecycle.bestEffort` allows it. */
function specOf(agent: Agent, command: readonly string[] | undefined, machine: Machine): AgentSpec {
  const common = commonSpec(agent);
  return {
    ...common,
    ...(isApart(agent, machine) ? { environment: { ...common.environment, ...apartEnvironment(agent) } } : {}),
    ...(command ? { command } : {}),
    workingDir: workingFolder(agent),
    ...(common.secrets ? { secrets: withoutPaths(common.secrets) } : {}),
    volumes: {},
    resources: honouredResources(common.resources, machine),
    ...honouredSecurity(agent, machine),
  };
}

/** User and group, for root; whoever else has asked for no more than to be who it is. */
function honouredSecurity({ security }: Agent, { user }: Machine): Pick<AgentSpec, 'security'> {
  const { runAsUser, runAsGroup } = security;
  if (user !== 0 || (runAsUser === undefined && runAsGroup === undefined)) return {};
  return {
    security: {
      ...(runAsUser === undefined ? {} : { runAsUser }),
      ...(runAsGroup === undefined ? {} : { runAsGroup }),
      readOnlyRootFilesystem: false,
      capabilities: { add: [], drop: [] },
      noNewPrivileges: false,
    },
  };
}

/** Without what takes a controller that is not to be had. */
function honouredResources({ limits, requests }: AgentSpec['resources'], { cgroups }: Machine): AgentSpec['resources'] {
  const has = (controller: Controller): boolean => cgroups?.parents[controller] !== undefined;
  const honoured = {
    ...(has('cpu') && requests?.cpu !== undefined ? { cpu: requests.cpu } : {}),
    ...(has('memory') && requests?.memory !== undefined ? { memory: requests.memory } : {}),
  };
  return {
    limits: { cpu: has('cpu') ? limits.cpu : null, memory: limits.memory, pids: has('pids') ? limits.pids : null },
    ...(Object.keys(honoured).length > 0 ? { requests: honoured } : {}),
  };
}

/** A process finds its secrets by their names: nothing is mounted for it. */
function withoutPaths(secrets: NonNullable<AgentSpec['secrets']>): NonNullable<AgentSpec['secrets']> {
  return Object.fromEntries(Object.entries(secrets).map(([name, { reference }]) => [name, { reference }]));
}

/** Relative to the project root, unless it was written absolute. */
function workingFolder(agent: Agent): string {
  if (agent.workingDir?.startsWith('/')) return agent.workingDir;
  const path = join(agent.folder, agent.workingDir ?? '.').replace(/(?<=.)\/$/, '');
  return path === '.' || path.startsWith('../') || path === '..' ? path : `./${path}`;
}

function noCommand(agent: Agent): Diagnostic {
  const field = ['runtime', 'image', 'metadata.name', 'name']
    .map((name) => agent.written.find((written) => written.name === name || written.name.startsWith(`${name}.`)))
    .find((written) => written !== undefined);
  const range = field?.range();
  const why = agent.runtime
    ? `runtime \`${agent.runtime.language}\` has no default command`
    : 'the process driver runs no images';
  return {
    code: 'missing-field',
    severity: 'error',
    message: `agent \`${agent.name}\` has no command: ${why}`,
    hint: agent.runtime ? 'set `command`' : 'set `command`, or a `runtime` that has one',
    address: agentTemplate(agent.name),
    ...(range ? { range } : {}),
  };
}

/** What `aac run` can ask for and local processes do not have. */
function noConsole({ name, console }: Agent): readonly Diagnostic[] {
  const refused = (message: string, hint: string): readonly Diagnostic[] => [
    { code: 'unsupported-field', severity: 'error', message, hint, address: agentTemplate(name) },
  ];
  if (console?.tty) {
    const hint = 'leave `-t` out: with `-i` alone the agent reads what you type, line by line';
    return refused('the process driver has no terminals', hint);
  }
  if (console?.stdin !== 'open') return [];
  return refused('the input of a local process ends with the one who started it', 'leave `-i` or `-d` out');
}

function unknownSignal(agent: Agent): readonly Diagnostic[] {
  if (signalName(agent.stop.signal)) return [];
  const range = agent.written.find((written) => written.name === 'stop.signal')?.range();
  return [
    {
      code: 'invalid-value',
      severity: 'error',
      message: `this system has no signal \`${agent.stop.signal}\``,
      hint: 'use a name such as `SIGTERM` or `SIGINT`',
      address: agentTemplate(agent.name),
      ...(range ? { range } : {}),
    },
  ];
}
