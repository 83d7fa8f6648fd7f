import { agentTemplate, networkTemplate, volumeTemplate, type TemplateAddress } from '../model/address.ts';
import type { Agent, DriverName, WrittenField } from '../model/agent.ts';
import type { Dependency, MutableField, ResourceTemplate } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { fieldPath, type FieldPath } from '../model/field-path.ts';
import { isReference, type ValueReference } from '../model/reference.ts';
import { toJson, type AgentSpec, type SecretFileSpec, type VolumeSpec } from '../model/spec.ts';
import { rolloutOf } from './rollout.ts';

/** The fields that every driver changes without replacing. */
export const mutableAgentFields: readonly MutableField[] = [
  { path: fieldPath('resources', 'limits', 'cpu'), unset: 'in-place' },
  { path: fieldPath('resources', 'limits', 'memory'), unset: 'in-place' },
  { path: fieldPath('resources', 'limits', 'pids'), unset: 'in-place' },
  { path: fieldPath('restartPolicy', 'name'), unset: 'in-place' },
  { path: fieldPath('restartPolicy', 'maxRetries'), unset: 'in-place' },
];

/** A manifest field, or one value of it, that a driver cannot honour. `yet` where a later version will. */
export interface Unsupported {
  /** The field's name in the manifest; the fields below it are meant too. */
  readonly field: string;
  /** Only these values of it; absent: all. */
  readonly values?: readonly (string | number | boolean)[];
  readonly when: 'not yet' | 'never';
  readonly hint?: string;
}

/**
 * An error at its line for every written field that the driver cannot honour; a warning where `lifecycle.bestEffort`
 * lists the field.
 */
export function refuseUnsupported(
  agent: Agent,
  driver: DriverName,
  table: readonly Unsupported[],
): readonly Diagnostic[] {
  const told = new Set<string>();
  return agent.written.flatMap((written) => {
    const entry = table.find((candidate) => matches(candidate, written));
    if (!entry) return [];
    const bestEffort = agent.lifecycle.bestEffort.some((field) => covers(field, written.name));
    // of a section that is refused as a whole the first field is enough
    const section = `${entry.field} ${String(bestEffort)}`;
    if (written.name !== entry.field && told.has(section)) return [];
    told.add(section);
    const range = written.range();
    const what = entry.values ? `\`${written.name}: ${String(written.value)}\`` : `\`${written.name}\``;
    const diagnostic: Diagnostic = {
      code: 'unsupported-field',
      severity: bestEffort ? 'warning' : 'error',
      message: `${what} is not supported ${entry.when === 'not yet' ? 'yet ' : ''}by the ${driver} driver`,
      hint: bestEffort
        ? 'the agent runs without it, as `lifecycle.bestEffort` allows'
        : (entry.hint ?? `take it out, or list it in \`lifecycle.bestEffort\` to run without it`),
      address: agentTemplate(agent.name),
      ...(range ? { range } : {}),
    };
    return [diagnostic];
  });
}

/** The parts of an agent's spec that all drivers share; each adds or takes away what is its own. */
export function commonSpec(agent: Agent): AgentSpec {
  const { limits, requests } = agent.resources;
  return {
    ...(agent.command ? { command: agent.command } : {}),
    ...(agent.args ? { args: agent.args } : {}),
    ...(agent.workingDir === undefined ? {} : { workingDir: agent.workingDir }),
    environment: { ...modelEnvironment(agent), ...agent.environment },
    ...(agent.secrets.length === 0 ? {} : { secrets: Object.fromEntries(agent.secrets.map(secretSpec)) }),
    ports: agent.ports,
    volumes: Object.fromEntries(agent.volumes.flatMap((volume) => volumeSpec(volume))),
    ...(agent.healthCheck ? { healthCheck: agent.healthCheck } : {}),
    resources: {
      limits: {
        cpu: limits.cpu ?? null,
        memory: limits.memory ?? null,
        pids: limits.pids ?? null,
        ...(limits.ephemeralStorage === undefined ? {} : { ephemeralStorage: limits.ephemeralStorage }),
      },
      ...(requests.cpu === undefined && requests.memory === undefined
        ? {}
        : {
            requests: {
              ...(requests.cpu === undefined ? {} : { cpu: requests.cpu }),
              ...(requests.memory === undefined ? {} : { memory: requests.memory }),
            },
          }),
    },
    restartPolicy: agent.restartPolicy,
    labels: agent.labels,
    stop: agent.stop,
    logging: agent.logging,
    ...(agent.console ? { console: agent.console } : {}),
  };
}

/** The template around a spec, the same for every driver. */
export function agentResourceTemplate(
  agent: Agent,
  spec: AgentSpec,
  options: { readonly driver: DriverName; readonly shared: readonly TemplateAddress[]; readonly image: boolean },
): ResourceTemplate {
  const { autoscaling, count } = agent.replicas;
  return {
    address: agentTemplate(agent.name),
    driver: options.driver,
    kind: 'agent',
    spec: toJson(spec),
    references: referencesOf(spec),
    mutable: mutableAgentFields,
    ignore: agent.lifecycle.ignoreDifferences.map((field) => fieldPath(...field.replace(/^spec\./, '').split('.'))),
    dependsOn: [...options.shared.map(exists), ...agent.dependsOn.map(agentDependency)],
    protect: agent.lifecycle.protect,
    rollout: rolloutOf(agent),
    replicas: autoscaling
      ? { type: 'autoscaled', initial: count, min: autoscaling.min, max: autoscaling.max }
      : { type: 'fixed', count },
    readiness: {
      ...(agent.healthCheck ? { check: agent.healthCheck } : {}),
      // one that answers health checks is meant to go on running
      oneShot: agent.restartPolicy.name === 'never' && !agent.healthCheck,
      minReady: agent.deployment.minReadySeconds * 1000,
      deadline: agent.deployment.progressDeadline,
    },
    ...(options.image ? { image: { name: agent.image, pullPolicy: agent.imagePullPolicy } } : {}),
    ...(agent.previousNames?.length ? { previousNames: agent.previousNames } : {}),
    manifest: agent.file,
    source: agent.source,
  };
}

/** The networks and volumes that an agent of a container driver stands on. */
export function sharedTemplates(agent: Agent): readonly TemplateAddress[] {
  const { mode } = agent.network;
  const networks =
    mode.type === 'bridge' ? [networkTemplate('default')] : mode.type === 'named' ? [networkTemplate(mode.name)] : [];
  const volumes = agent.volumes.flatMap((volume) => (volume.type === 'volume' ? [volumeTemplate(volume.source)] : []));
  return [...networks, ...new Set(volumes)];
}

function matches(entry: Unsupported, written: WrittenField): boolean {
  if (!covers(entry.field, written.name)) return false;
  return entry.values === undefined || (written.value !== undefined && entry.values.includes(written.value));
}

function covers(field: string, name: string): boolean {
  return name === field || name.startsWith(`${field}.`);
}

function modelEnvironment(agent: Agent): Record<string, string> {
  return agent.model ? { AAC_MODEL_PROVIDER: agent.model.provider, AAC_MODEL_NAME: agent.model.name } : {};
}

function volumeSpec(volume: Agent['volumes'][number]): readonly (readonly [string, VolumeSpec])[] {
  const { target, readOnly } = volume;
  switch (volume.type) {
    case 'bind':
      return [[target, { type: 'bind', source: volume.source, readOnly, ...(volume.create ? { create: true } : {}) }]];
    case 'volume':
      return [[target, { type: 'volume', source: volume.source, readOnly }]];
    case 'tmpfs':
      return [[target, { type: 'tmpfs', readOnly, ...(volume.size === undefined ? {} : { size: volume.size }) }]];
    case 'configmap':
    case 'secret':
      return [[target, { type: volume.type, source: volume.source, readOnly: true, keys: keyReferences(volume) }]];
  }
}

function keyReferences({ type, source, keys = [] }: KeyedVolume): NonNullable<VolumeSpec['keys']> {
  const from = type === 'secret' ? 'secret' : 'config';
  return Object.fromEntries(keys.map((key) => [key, { from, name: source, key }]));
}

type KeyedVolume = Extract<Agent['volumes'][number], { readonly type: 'configmap' | 'secret' }>;

function secretSpec({ name, reference, mountPath }: Agent['secrets'][number]): readonly [string, SecretFileSpec] {
  return [name, { reference, mountPath }];
}

/** Every reference of a spec, by the field that holds it. */
export function referencesOf({
  environment,
  secrets = {},
  volumes,
}: AgentSpec): ReadonlyMap<FieldPath, ValueReference> {
  return new Map([
    ...Object.entries(environment).flatMap(([name, value]) =>
      isReference(value) ? [[fieldPath('environment', name), value] as const] : [],
    ),
    ...Object.entries(secrets).map(
      ([name, { reference }]) => [fieldPath('secrets', name, 'reference'), reference] as const,
    ),
    ...Object.entries(volumes).flatMap(([target, { keys = {} }]) =>
      Object.entries(keys).map(([key, reference]) => [fieldPath('volumes', target, 'keys', key), reference] as const),
    ),
  ]);
}

function exists(address: TemplateAddress): Dependency {
  return { address, until: 'exists' };
}

function agentDependency(dependency: Agent['dependsOn'][number]): Dependency {
  const until = { started: 'started', healthy: 'ready', completed: 'completed' } as const;
  return { address: agentTemplate(dependency.agent), until: until[dependency.condition] };
}
