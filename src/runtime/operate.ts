import { hasErrors, type Diagnostic } from '../model/diagnostic.ts';
import type { ObservedResource } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import { planOperation, type OperationOrder } from '../plan/operate.ts';
import { err, ok, type Result } from '../util/result.ts';
import { isForgotten } from './forget.ts';
import { listAgents } from './list-agents.ts';
import { isNamed, unknownAgents } from './select-agents.ts';
import type { Workspace } from './workspace.ts';

/** What to stop, start or restart; `all`: every agent that stands below the path. */
export type OperationTargets = readonly string[] | 'all';

/**
 * The plan that stops, starts or restarts agents of a workspace by their names; changes nothing. It works beside
 * manifests that are invalid. The error says which names mean nothing, or what could not be looked at.
 */
export async function planOperationOn(
  workspace: Workspace,
  targets: OperationTargets,
  order: OperationOrder,
  signal: AbortSignal,
): Promise<Result<Plan, readonly Diagnostic[]>> {
  const { reading, desired } = workspace;
  const { project } = reading;
  const list = await listAgents(workspace, [], signal);
  const standing = list.agents.filter(({ phase }) => phase !== 'removing');
  const declared = reading.agents.map(({ name }) => name);
  const isForeign = ({ record }: ObservedResource): boolean =>
    project.scope.type === 'directory' && record.origin === 'manifest' && record.directory !== project.scope.directory;
  const own = standing.filter((agent) => !isForeign(agent));
  const problems = [
    ...list.diagnostics,
    ...(targets === 'all'
      ? []
      : [
          ...unknownAgents(targets, standing, declared),
          ...foreignAgents(targets, standing.filter(isForeign)),
          ...(order.type === 'stop' ? [] : notApplied(targets, standing, declared)),
        ]),
  ];
  if (hasErrors(problems)) return err(problems);
  const chosen =
    targets === 'all'
      ? own
          .filter((agent) => !isForgotten(workspace, agent))
          .filter(({ record }) => reading.selection?.manifests.has(record.manifest) ?? true)
      : own.filter((agent) => targets.some((name) => isNamed(agent, name)));
  const plan = planOperation(order, chosen, {
    workspace: project.workspace,
    scope: project.scope,
    ...(desired ? { templates: desired.templates } : {}),
  });
  return ok({ ...plan, diagnostics: problems, ...(project.docker ? { docker: project.docker } : {}) });
}

function foreignAgents(names: readonly string[], foreign: readonly ObservedResource[]): readonly Diagnostic[] {
  return foreign
    .filter((agent) => names.some((name) => isNamed(agent, name)))
    .map(({ address, record }) => ({
      code: 'foreign-directory',
      severity: 'error',
      message: `\`${address}\` was applied from \`${record.directory}\`, another directory of the same name`,
      hint: `give \`--path ${record.directory}\``,
      address,
    }));
}

function notApplied(
  names: readonly string[],
  standing: readonly ObservedResource[],
  declared: readonly string[],
): readonly Diagnostic[] {
  return names
    .filter((name) => declared.includes(name) && !standing.some((agent) => isNamed(agent, name)))
    .map((name) => ({
      code: 'unknown-agent',
      severity: 'error',
      message: `agent \`${name}\` is declared, and nothing of it stands that could be started`,
      hint: `\`aac apply --target ${name}\` creates it`,
    }));
}
