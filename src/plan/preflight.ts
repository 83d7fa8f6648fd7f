import type { TemplateAddress } from '../model/address.ts';
import type { DriverName } from '../model/agent.ts';
import type { DependencyOrder } from './graph.ts';
import type { ResourceTemplate } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { fieldPath, valueAt, type FieldPath } from '../model/field-path.ts';
import type { Facts } from '../model/observed.ts';
import { formatBytes, formatCpu } from '../model/quantity.ts';
import { isJsonObject } from '../util/json.ts';
import { engineChecks } from './engine-checks.ts';
import { isStarted, type Decision } from './decision.ts';
import { nameField, rangeAt } from './source.ts';

/** What is known before anything is touched. */
export interface PreflightContext {
  /** What is planned for. */
  readonly templates: ReadonlyMap<TemplateAddress, ResourceTemplate>;
  readonly facts: ReadonlyMap<DriverName, Facts>;
  /** All that is declared, planned for or not. */
  readonly declared: ReadonlyMap<TemplateAddress, ResourceTemplate>;
  readonly cycles: DependencyOrder['cycles'];
}

/**
 * What would fail halfway, found before anything is touched: images and paths that are not there, limits above the
 * host's, names that strangers hold, dependencies on nothing or in a circle. Ports have a file of their own.
 */
export function preflight(decisions: readonly Decision[], context: PreflightContext): readonly Diagnostic[] {
  const created = decisions.filter(({ bringUp }) => bringUp.type === 'create');
  const started = decisions.filter(isStarted);
  return [
    ...context.cycles.map((cycle) => cycleDiagnostic(cycle, context.templates)),
    ...[...context.templates.values()].flatMap((template) => unknownDependencies(template, context.declared)),
    ...created.flatMap((decision) => takenName(decision, context.facts)),
    ...byTemplate(created).flatMap((template) => absentImage(template, context.facts.get(template.driver))),
    ...byTemplate(started).flatMap((template) => [
      ...missingPaths(template, context.facts.get(template.driver)),
      ...excessiveLimits(template, context),
      ...engineChecks(template, context.facts.get(template.driver)),
    ]),
  ];
}

/** The templates of the decisions, each once. */
function byTemplate(decisions: readonly Decision[]): readonly ResourceTemplate[] {
  return [...new Set(decisions.flatMap(({ desired }) => (desired ? [desired.template] : [])))];
}

function cycleDiagnostic(
  cycle: readonly TemplateAddress[],
  templates: ReadonlyMap<TemplateAddress, ResourceTemplate>,
): Diagnostic {
  const names = cycle.map(nameOf);
  const edges = cycle.map((address, index) => {
    const next = names[(index + 1) % names.length] ?? '';
    const template = templates.get(address);
    return { message: `\`${nameOf(address)}\` waits for \`${next}\``, template, next };
  });
  const related = edges.flatMap(({ message, template, next }) => {
    const range = template?.source.locate(fieldPath('dependsOn', next));
    return range ? [{ message, range }] : [];
  });
  const [first] = related;
  return {
    code: 'dependency-cycle',
    severity: 'error',
    message: `agents wait for each other in a circle: ${[...names, names[0] ?? ''].map((name) => `\`${name}\``).join(' → ')}`,
    hint: 'take one of these dependencies away',
    ...(cycle[0] ? { address: cycle[0] } : {}),
    ...(first ? { range: first.range, related } : {}),
  };
}

function unknownDependencies(
  template: ResourceTemplate,
  templates: ReadonlyMap<TemplateAddress, ResourceTemplate>,
): readonly Diagnostic[] {
  // Networks and volumes may come from elsewhere, so only an engine can say that they are missing.
  const unknown = template.dependsOn.filter(({ address }) => address.startsWith('agent/') && !templates.has(address));
  if (unknown.length === 0) return [];
  const agents = [...templates.values()].filter(({ kind }) => kind === 'agent').map(({ address }) => nameOf(address));
  return unknown.map(({ address }) => ({
    code: 'unknown-reference',
    severity: 'error',
    message: `\`${nameOf(template.address)}\` depends on \`${nameOf(address)}\`, which nothing declares`,
    hint: `agents are: ${agents.join(', ')}`,
    address: template.address,
    ...rangeAt(template, fieldPath('dependsOn', nameOf(address))),
  }));
}

function takenName({ address, kind, bringUp }: Decision, facts: PreflightContext['facts']): readonly Diagnostic[] {
  if (bringUp.type !== 'create') return [];
  const { template } = bringUp.desired;
  const { name } = bringUp.target;
  const holder = facts.get(template.driver)?.foreignNames.get(`${kind}/${name}`);
  if (holder === undefined) return [];
  return [
    {
      code: 'name-taken',
      severity: 'error',
      message: `the name \`${name}\` that \`${address}\` needs is held by ${holder}, which aac did not make`,
      hint: 'remove or rename that one; aac never touches what it did not make',
      address,
      ...rangeAt(template, nameField),
    },
  ];
}

function absentImage(template: ResourceTemplate, facts: Facts | undefined): readonly Diagnostic[] {
  const { image } = template;
  if (image?.pullPolicy !== 'Never' || facts?.images.get(image.name) !== null) return [];
  return [
    {
      code: 'image-not-found',
      severity: 'error',
      message: `image \`${image.name}\` not found locally`,
      hint: 'build it, or take out `imagePullPolicy: Never` to have it pulled',
      address: template.address,
      ...rangeAt(template, fieldPath('image')),
    },
  ];
}

function missingPaths(template: ResourceTemplate, facts: Facts | undefined): readonly Diagnostic[] {
  const { volumes } = template.spec;
  if (!facts || facts.missingPaths.size === 0 || !isJsonObject(volumes)) return [];
  return Object.keys(volumes)
    .sort()
    .flatMap((target): readonly Diagnostic[] => {
      const volume = volumes[target];
      if (!isJsonObject(volume) || volume.type !== 'bind' || volume.create === true) return [];
      const { source } = volume;
      if (typeof source !== 'string' || !facts.missingPaths.has(source)) return [];
      return [
        {
          code: 'path-not-found',
          severity: 'error',
          message: `\`${source}\`, to be mounted at \`${target}\`, does not exist`,
          hint: 'make it, or write `create: true` beside it to have it made',
          address: template.address,
          ...rangeAt(template, fieldPath('volumes', target, 'source')),
        },
      ];
    });
}

function excessiveLimits(template: ResourceTemplate, { facts, templates }: PreflightContext): readonly Diagnostic[] {
  const capacity = facts.get(template.driver)?.capacity;
  if (!capacity) return [];
  const kinds = [
    { name: 'cpu', has: capacity.cpu, asked: formatCpu, host: formatCpu },
    { name: 'memory', has: capacity.memory, asked: formatBytes, host: roundedBytes },
  ] as const;
  return kinds.flatMap(({ name, has, asked, host }): readonly Diagnostic[] => {
    const path = fieldPath('resources', 'limits', name);
    const limit = valueAt(template.spec, path);
    if (typeof limit !== 'number' || limit <= has) return [];
    const free = Math.max(0, has - takenByOthers(template, templates, path));
    return [
      {
        code: 'insufficient-resources',
        severity: 'error',
        message: `insufficient ${name}: asked ${asked(limit)}, free ${host(free)}, total ${host(has)}`,
        hint: `ask for at most ${host(has)}`,
        address: template.address,
        ...rangeAt(template, path),
      },
    ];
  });
}

/** What the limits of the driver's other agents come to: they may never use it, but they may. */
function takenByOthers(own: ResourceTemplate, templates: PreflightContext['templates'], path: FieldPath): number {
  const others = [...templates.values()].filter((template) => template !== own && template.driver === own.driver);
  return others.reduce((sum, { spec, replicas }) => {
    const limit = valueAt(spec, path);
    const count = replicas.type === 'fixed' ? replicas.count : replicas.initial;
    return sum + (typeof limit === 'number' ? limit * count : 0);
  }, 0);
}

/** A size as people say it, rounded down: `23Gi`. */
function roundedBytes(bytes: number): string {
  for (const [suffix, power] of [
    ['Gi', 30],
    ['Mi', 20],
    ['Ki', 10],
  ] as const) {
    if (bytes >= 2 ** power) return `${String(Math.floor(bytes / 2 ** power))}${suffix}`;
  }
  return String(bytes);
}

function nameOf(address: TemplateAddress): string {
  return address.slice(address.indexOf('/') + 1);
}
