import { agentTemplate, templateOf, type Address, type TemplateAddress } from '../model/address.ts';
import type { DesiredState, ResourceTemplate } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ObservedResource, ObservedState } from '../model/observed.ts';
import { compareCodeUnits } from '../util/compare.ts';
import { groupBy } from '../util/group.ts';
import { excludedFrom } from './exclude.ts';
import { newestFirst } from './generations.ts';
import type { PlanOptions } from './options.ts';
import { nameField } from './source.ts';
import { sortByAddress } from './order.ts';

/** What one plan is about, and what it walks past. */
export interface PlanScope {
  /** What is declared, and to be planned; in address order. */
  readonly templates: ReadonlyMap<TemplateAddress, ResourceTemplate>;
  /** The standing objects that the plan may touch, by address, the newest first. */
  readonly objects: ReadonlyMap<Address, readonly ObservedResource[]>;
  /** Standing objects of the workspace that it must not touch: other directories', `aac run`'s, the unselected. */
  readonly passedBy: readonly ObservedResource[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Draws the line: a project owns its workspace whole, a directory without a project file only what was applied from
 * it, and a selection narrows either. Agents started by `aac run` belong to nobody's plan.
 */
export function scopeOf(desired: DesiredState, observed: ObservedState, options: PlanOptions): PlanScope {
  if (options.run) return scopeOfRun(desired, observed, { run: options.run, destroy: options.destroy !== undefined });
  const { selection, destroy, previousNames = [] } = options;
  const excluded = excludedFrom(desired.templates, observed, options);
  const selected = selection ? withDependencies(desired.templates, selection.agents, destroy !== undefined) : undefined;
  const templates = sortByAddress(desired.templates.values(), (template) => template.address as string as Address)
    .filter(({ address }) => (selected?.has(address) ?? true) && !excluded.templates.has(address))
    .map((template) => [template.address, template] as const);
  const workspaces = new Set([desired.workspace, ...previousNames]);
  const isForeign = ({ record }: ObservedResource): boolean =>
    desired.scope.type === 'directory' && record.directory !== desired.scope.directory;
  const isForgotten = ({ address, ref }: ObservedResource): boolean =>
    options.forgotten?.has(ref) === true && !desired.templates.has(templateOf(address));
  const isSelected = ({ address, record }: ObservedResource): boolean => {
    const template = templateOf(address);
    if (excluded.templates.has(template)) return false;
    if (!selection || !selected) return true;
    return desired.templates.has(template) ? selected.has(template) : selection.manifests.has(record.manifest);
  };

  const own: ObservedResource[] = [];
  const passedBy: ObservedResource[] = [];
  const foreign: ObservedResource[] = [];
  for (const object of sortByAddress([...observed.resources.values()].flatMap(newestFirst), ({ address }) => address)) {
    if (!workspaces.has(object.record.workspace)) continue;
    if (object.record.origin === 'run' || isForgotten(object)) passedBy.push(object);
    else if (isForeign(object)) {
      foreign.push(object);
      passedBy.push(object);
    } else if (isSelected(object)) own.push(object);
    else passedBy.push(object);
  }
  const declared = new Map(templates);
  return {
    templates: declared,
    objects: groupBy(own, ({ address }) => address),
    passedBy,
    diagnostics: [...excluded.diagnostics, ...foreignDiagnostics(foreign, destroy ? new Map() : declared)],
  };
}

/**
 * For agents of `aac run`: them alone, and of what is shared, what is missing or, when they go, the networks that no
 * manifest declares.
 */
function scopeOfRun(
  desired: DesiredState,
  observed: ObservedState,
  { run, destroy }: { readonly run: ReadonlySet<Address>; readonly destroy: boolean },
): PlanScope {
  const standing = [...observed.resources.values()]
    .flatMap(newestFirst)
    .filter(({ record }) => record.workspace === desired.workspace);
  const agents = standing.filter(({ address, record }) => run.has(address) && record.origin === 'run');
  const stoodOn = new Set(agents.flatMap(({ record }) => record.dependsOn));
  const isLeft = ({ kind, address }: ObservedResource): boolean =>
    destroy &&
    kind === 'network' &&
    (run.has(address) || stoodOn.has(templateOf(address))) &&
    !desired.templates.has(templateOf(address));
  const own = [...agents, ...standing.filter(isLeft)];
  const present = new Set(standing.map(({ address }) => templateOf(address)));
  const missing = [...desired.templates.values()].filter(
    ({ address, kind }) => kind === 'agent' || !present.has(address),
  );
  return {
    templates: new Map(
      sortByAddress(missing, ({ address }) => address as string as Address).map((template) => [
        template.address,
        template,
      ]),
    ),
    objects: groupBy(
      sortByAddress(own, ({ address }) => address),
      ({ address }) => address,
    ),
    passedBy: sortByAddress(
      standing.filter((object) => !own.includes(object)),
      ({ address }) => address,
    ),
    diagnostics: [],
  };
}

/** The agents and what they stand on; for a tear-down only the networks and volumes of it, which others may need. */
function withDependencies(
  templates: ReadonlyMap<TemplateAddress, ResourceTemplate>,
  agents: ReadonlySet<string>,
  sharedOnly: boolean,
): ReadonlySet<TemplateAddress> {
  const selected = new Set([...agents].map(agentTemplate));
  for (const address of selected) {
    for (const dependency of templates.get(address)?.dependsOn ?? []) {
      if (!sharedOnly || templates.get(dependency.address)?.kind !== 'agent') selected.add(dependency.address);
    }
  }
  return selected;
}

/** An error for what two directories want; one note for each directory that is passed by. */
function foreignDiagnostics(
  foreign: readonly ObservedResource[],
  templates: ReadonlyMap<TemplateAddress, ResourceTemplate>,
): readonly Diagnostic[] {
  const wanted = groupBy(
    foreign.filter((object) => templates.has(templateOf(object.address))),
    ({ address }) => templateOf(address),
  );
  const errors = [...wanted].map(([address, [object]]): Diagnostic => {
    const range = templates.get(address)?.source.locate(nameField);
    return {
      code: 'foreign-directory',
      severity: 'error',
      message: `\`${address}\` was applied from \`${object?.record.directory ?? ''}\`, another directory of the same name`,
      hint: 'give this directory a workspace of its own: write an `aac.yaml` with `kind: Project` and a `metadata.name`',
      address,
      ...(range ? { range } : {}),
    };
  });
  const others = groupBy(
    foreign.filter((object) => !templates.has(templateOf(object.address))),
    ({ record }) => record.directory,
  );
  const notes = [...others]
    .sort(([left], [right]) => compareCodeUnits(left, right))
    .map(([directory, objects]): Diagnostic => ({
      code: 'foreign-directory',
      severity: 'note',
      message: `left alone: ${countOf(objects)} of this workspace that came from \`${directory}\``,
      hint: 'to manage several directories as one, write an `aac.yaml` above them',
    }));
  return [...errors, ...notes];
}

function countOf(objects: readonly ObservedResource[]): string {
  const count = new Set(objects.map(({ address }) => address)).size;
  return count === 1 ? 'one resource' : `${String(count)} resources`;
}
