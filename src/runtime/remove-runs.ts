import { parseAddress, runAddress, type Address } from '../model/address.ts';
import type { DesiredState } from '../model/desired.ts';
import { hasErrors, type Diagnostic } from '../model/diagnostic.ts';
import type { ObservedResource, ObservedState } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import { isRunning } from '../model/version.ts';
import { plan } from '../plan/plan.ts';
import { err, ok, type Result } from '../util/result.ts';
import { observeWorkspace } from './observe-workspace.ts';
import type { Workspace } from './workspace.ts';

/** Which agents of `aac run` are to go. */
export interface RemovalRequest {
  readonly names: readonly string[];
  /** Stop those that run. */
  readonly force: boolean;
}

/**
 * Plans the removal of agents that `aac run` started, with the networks that were made for nobody else. A named volume
 * stays. The error says which name is none of these, or still runs.
 */
export async function planRemoval(
  workspace: Workspace,
  { names, force }: RemovalRequest,
  signal: AbortSignal,
): Promise<Result<Plan, readonly Diagnostic[]>> {
  const { reading, drivers, history } = workspace;
  const seen = await observeWorkspace(reading.project, undefined, history.drivers, drivers, signal);
  if (hasErrors(seen.diagnostics)) return err(seen.diagnostics);
  const agents = [...seen.observed.resources.values()].flat().filter(({ kind }) => kind === 'agent');
  const problems = names.flatMap((name) => refusal(name, agents, force));
  if (problems.length > 0) return err(problems);
  return ok(removalOf(workspace, seen.observed, names.map(runAddress)));
}

/** Plans to take away what came to be of a run that has failed: the agent, and the networks made for it alone. */
export async function planCleanup(
  workspace: Workspace,
  failed: Plan,
  signal: AbortSignal,
): Promise<Result<Plan, readonly Diagnostic[]>> {
  const { reading, drivers, history } = workspace;
  const seen = await observeWorkspace(reading.project, undefined, history.drivers, drivers, signal);
  if (hasErrors(seen.diagnostics)) return err(seen.diagnostics);
  const made = failed.nodes.flatMap(({ step }) => (step.verb === 'create' ? [step.address] : []));
  return ok(removalOf(workspace, seen.observed, made));
}

function removalOf(workspace: Workspace, seen: ObservedState, addresses: readonly Address[]): Plan {
  const { project } = workspace.reading;
  const nothing: DesiredState = { workspace: project.workspace, scope: project.scope, templates: new Map() };
  const observed = isDeclarationKnown(workspace) ? seen : withoutNetworks(seen);
  const options = { run: new Set(addresses), destroy: { volumes: false } };
  return {
    ...plan(workspace.desired ?? nothing, observed, options),
    ...(project.docker ? { docker: project.docker } : {}),
  };
}

function refusal(name: string, agents: readonly ObservedResource[], force: boolean): readonly Diagnostic[] {
  const own = agents.filter(({ address }) => parseAddress(address)?.name === name);
  const found = own.find(({ record }) => record.origin === 'run');
  const error = (code: Diagnostic['code'], message: string, hint: string): readonly Diagnostic[] => [
    { code, severity: 'error', message, hint },
  ];
  if (!found) {
    if (own.length === 0) {
      return error('unknown-agent', `there is no agent \`${name}\``, '`aac ps --all` lists those that there are');
    }
    const hint = `take its manifest away and apply, or \`aac destroy --target ${name}\``;
    return error('unknown-agent', `\`${name}\` was not started by \`aac run\`: a manifest declares it`, hint);
  }
  if (force || !isRunning(found)) return [];
  return error('invalid-argument', `\`${name}\` is running`, `stop it first, or \`aac rm --force ${name}\``);
}

/** Whether it is known what the manifests declare: that there is none says so too. */
function isDeclarationKnown({ desired, diagnostics }: Workspace): boolean {
  return (
    desired !== undefined || diagnostics.every(({ code, severity }) => severity !== 'error' || code === 'no-manifests')
  );
}

function withoutNetworks(observed: ObservedState): ObservedState {
  const resources = [...observed.resources].filter(([address]) => parseAddress(address)?.kind !== 'network');
  return { ...observed, resources: new Map(resources) };
}
