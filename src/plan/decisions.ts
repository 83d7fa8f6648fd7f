import { parseAddress, templateOf, type Address, type TemplateAddress } from '../model/address.ts';
import type { DesiredResource, DesiredState } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Facts, ObservedResource } from '../model/observed.ts';
import type { DriverName } from '../model/agent.ts';
import type { Cause } from '../model/plan.ts';
import { decide } from './classify.ts';
import type { Decision } from './decision.ts';
import { newestFirst } from './generations.ts';
import { isProtected, keepWhatIsUsed, protect, standingOn, type Guards } from './guards.ts';
import type { PlanOptions } from './options.ts';
import { sortByAddress } from './order.ts';
import { quarantine } from './quarantine-guard.ts';
import { unmanagedVolume } from './remarks.ts';
import { expandReplicas } from './replicas.ts';
import type { PlanScope } from './scope.ts';

/** What is decided for every address of a plan, in address order, and what is to be said about it. */
export interface Decisions {
  readonly decisions: readonly Decision[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Decides address by address, in the order in which one decision bears on the next: networks and volumes, the agents
 * that stand on them, what nobody declares, and last which networks nobody stands on any more.
 */
export function decideAll(
  { workspace, templates: declared }: DesiredState,
  scope: PlanScope,
  facts: ReadonlyMap<DriverName, Facts>,
  options: PlanOptions,
): Decisions {
  const guards: Guards = { templates: declared, options };
  const expansions = options.destroy
    ? []
    : [...scope.templates.values()].map((template) => expandReplicas(template, scope.objects.keys(), options.scale));
  const wanted = expansions.flatMap(({ resources }) => resources);
  const scalings = new Map(
    expansions.flatMap(({ resources: [first], scaling }) =>
      first && scaling ? [[first.template.address, scaling]] : [],
    ),
  );
  const standing = standingOn([...scope.passedBy, ...[...scope.objects.values()].flat()]);
  const passedBy = new Set(scope.passedBy);
  const highest = highestReplicas(scope.objects.keys());
  const make = (resources: readonly DesiredResource[], replaced: ReadonlyMap<TemplateAddress, Address>): Decision[] =>
    resources.map((resource) => {
      const scaling = scalings.get(resource.template.address);
      const circumstances = { workspace, facts, options, replaced, highest, ...(scaling ? { scaling } : {}) };
      const decision = decide(resource, scope.objects.get(resource.address) ?? [], circumstances);
      return quarantine(protect(decision, guards), options.quarantine);
    });

  const shared = make(
    wanted.filter(({ template }) => template.kind !== 'agent'),
    new Map(),
  ).map((decision) =>
    keepWhatIsUsed(decision, standing, (object) => !passedBy.has(object) && !isProtected(object, guards), guards),
  );
  const replaced = new Map(
    shared
      .filter(({ bringUp, removals }) => bringUp.type === 'create' && removals.length > 0)
      .map(({ address }) => [templateOf(address), address] as const),
  );
  const agents = make(
    wanted.filter(({ template }) => template.kind === 'agent'),
    replaced,
  );

  const addresses = new Set(wanted.map(({ address }) => address));
  const undeclared = [...scope.objects].filter(([address]) => !addresses.has(address));
  const kept: Diagnostic[] = [];
  const deleted = undeclared.flatMap(([address, objects]) => {
    const [newest] = newestFirst(objects);
    if (!newest) return [];
    if (newest.kind === 'volume' && !options.destroy?.volumes) {
      kept.push(unmanagedVolume(newest, options.destroy !== undefined));
      return [];
    }
    const template = templateOf(address);
    const isDeclared = scope.templates.has(template);
    if (!isDeclared && options.prune === false) return [];
    const cause: Cause = options.destroy
      ? { type: 'requested' }
      : (scalings.get(template) ?? (isDeclared ? { type: 'scaled-down' } : orphaned(newest)));
    const gone = deletion(address, newest, objects, cause);
    const shrunk = cause.type === 'scaled-down' ? scope.templates.get(template) : undefined;
    return [quarantine(protect(shrunk ? { ...gone, shrunk } : gone, guards), options.quarantine)];
  });
  const gone = new Set<ObservedResource>(
    [...shared, ...agents, ...deleted].flatMap(({ removals }) => removals.map(({ object }) => object)),
  );
  const settled = deleted.map((decision) => keepWhatIsUsed(decision, standing, (object) => gone.has(object), guards));
  const decisions = sortByAddress([...shared, ...agents, ...settled], ({ address }) => address);
  return {
    decisions,
    diagnostics: [
      ...expansions.flatMap(({ diagnostics }) => diagnostics),
      ...decisions.flatMap(({ diagnostics }) => diagnostics),
      ...kept,
    ],
  };
}

/** Networks and volumes are made for whoever names them, agents are declared in one place. */
function orphaned({ kind, record: { manifest } }: ObservedResource): Cause {
  return { type: 'undeclared', ...(kind === 'agent' && manifest !== '' ? { manifest } : {}) };
}

function highestReplicas(standing: Iterable<Address>): ReadonlyMap<TemplateAddress, number> {
  const highest = new Map<TemplateAddress, number>();
  for (const address of standing) {
    const template = templateOf(address);
    highest.set(template, Math.max(parseAddress(address)?.index ?? 0, highest.get(template) ?? 0));
  }
  return highest;
}

function deletion(
  address: Address,
  newest: ObservedResource,
  objects: readonly ObservedResource[],
  cause: Cause,
): Decision {
  return {
    address,
    kind: newest.kind,
    driver: newest.driver,
    current: newest,
    bringUp: { type: 'nothing' },
    removals: objects.map((object) => ({ object, cause })),
    stopFirst: true,
    action: 'delete',
    cause,
    fields: [],
    notes: [],
    drift: [],
    diagnostics: [],
    ...(newest.kind === 'volume' ? { approval: { type: 'data-loss' } as const } : {}),
  };
}
