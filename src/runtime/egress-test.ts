import type { Agent } from '../model/agent.ts';
import { hasErrors, type Diagnostic } from '../model/diagnostic.ts';
import type { EdgeTrial } from '../model/edge.ts';
import type { ObservedResource } from '../model/observed.ts';
import type { DriverError } from '../model/outcome.ts';
import { toAgentSpec } from '../model/spec.ts';
import { err, ok, type Result } from '../util/result.ts';
import { askEdge, edgesAmong, readEdges } from './edges.ts';
import { hasNoWayOut, unknownToEdges, withoutEdge } from './egress-agents.ts';
import { isNamed } from './select-agents.ts';
import { listAgents } from './list-agents.ts';
import type { Workspace } from './workspace.ts';

/** Where an agent would go. */
export interface EgressTarget {
  /** A name, or an address. */
  readonly host: string;
  readonly port: number;
}

/** What would come of an agent's going to a host: `unrestricted` is one that no edge stands before, so none was asked. */
export interface EgressTest extends EgressTarget {
  readonly agent: string;
  readonly outcome: EdgeTrial | { readonly verdict: 'unrestricted' };
}

/**
 * Has the edge that lets an agent out decide on a host, resolve it and connect to it, without sending anything. What is
 * in force counts; the manifests count for agents that no edge knows. The error says why that cannot be told.
 */
export async function testEgress(
  workspace: Workspace,
  name: string,
  target: EgressTarget,
  signal: AbortSignal,
): Promise<Result<EgressTest, readonly Diagnostic[]>> {
  const { agents, diagnostics } = await listAgents(workspace, [], signal);
  const problems = [...diagnostics, ...unknownToEdges([name], workspace, agents)];
  if (hasErrors(problems)) return err(problems);
  const readings = await readEdges(agents, workspace.drivers, signal);
  const known = readings.find(({ status }) => status.ok && Object.hasOwn(status.value.document.clients, name));
  const told = (outcome: EgressTest['outcome']) => ok({ agent: name, ...target, outcome });
  if (known?.status.ok) {
    const { allow, services } = known.status.value.document.clients[name] ?? { allow: [], services: {} };
    if (allow.length === 0 && Object.keys(services).length === 0) return told(noWayOut);
    const answer = await askEdge(known.edge, workspace.drivers, { op: 'test', agent: name, ...target }, signal);
    if (!answer.ok) return err([notAsked(answer.error)]);
    const { trial } = answer.value;
    return trial ? told(trial) : err([tooOld]);
  }
  const declared = workspace.reading.agents.find((agent) => agent.name === name);
  const standing = agents.filter((agent) => isNamed(agent, name));
  const outcome = declared ? byManifest(declared) : byRecord(standing);
  if (outcome) return told(outcome);
  if (!declared) return err([undeclared(name)]);
  const failed = readings.find(({ status }) => !status.ok)?.status;
  if (failed && !failed.ok) return err([notAsked(failed.error)]);
  return err([edgesAmong(agents).length === 0 ? withoutEdge(workspace) : unaware(name, readings.length > 0)]);
}

const noWayOut: EdgeTrial = { verdict: 'denied', reason: 'it has no way out at all' };

/** What can be told of an agent without an edge; `undefined` where an edge would have to decide. */
function byManifest(agent: Agent): EgressTest['outcome'] | undefined {
  if (hasNoWayOut(agent)) return noWayOut;
  return agent.network.allowExternalConnections ? { verdict: 'unrestricted' } : undefined;
}

/** The same for what no manifest declares: those of `aac run` are never restricted. */
function byRecord(standing: readonly ObservedResource[]): EgressTest['outcome'] | undefined {
  const [first] = standing.filter(({ record }) => record.origin === 'run');
  if (!first) return undefined;
  return toAgentSpec(first.record.lastApplied).network?.name === 'none' ? noWayOut : { verdict: 'unrestricted' };
}

const tooOld: Diagnostic = {
  code: 'no-edge',
  severity: 'error',
  message: 'the edge is one of another version of aac and cannot tell',
  hint: '`aac apply` replaces it',
};

function notAsked({ message, hint }: DriverError): Diagnostic {
  return {
    code: 'no-edge',
    severity: 'error',
    message,
    hint: hint ?? '`aac ps --all` shows the edge, `aac logs edge` what it says',
  };
}

function unaware(name: string, runs: boolean): Diagnostic {
  const message = runs ? `the edge does not know \`${name}\` yet, so it has no way out` : 'the edge does not run';
  return { code: 'no-edge', severity: 'error', message, hint: '`aac apply` brings it up to date' };
}

function undeclared(name: string): Diagnostic {
  return {
    code: 'unknown-agent',
    severity: 'error',
    message: `no manifest declares \`${name}\`, and no edge knows it: what it may reach cannot be told`,
    hint: `\`aac inspect ${name}\` shows what was applied`,
  };
}
