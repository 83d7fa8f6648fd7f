import { expandReplicas } from '../../src/plan/replicas.ts';
import {
  agentTemplate,
  networkTemplate,
  volumeTemplate,
  type Address,
  type TemplateAddress,
} from '../../src/model/address.ts';
import type { DriverName, Scope } from '../../src/model/agent.ts';
import type { Dependency, DesiredResource, DesiredState, ResourceTemplate } from '../../src/model/desired.ts';
import { fieldPath, fieldSegments, type FieldPath } from '../../src/model/field-path.ts';
import { agentObjectName, sharedObjectName } from '../../src/model/name.ts';
import type { AppliedRecord, Facts, ObservedResource, ObservedState } from '../../src/model/observed.ts';
import { isReference, type ValueReference } from '../../src/model/reference.ts';
import type { SourceMap } from '../../src/model/source.ts';
import { toJson, type AgentSpec, type HealthCheck } from '../../src/model/spec.ts';
import { isRunning, without, withFields } from '../../src/model/version.ts';
import { groupBy } from '../../src/util/group.ts';
import type { Json } from '../../src/util/json.ts';

/** Builders of desired and observed states, so that a test says only what it is about. */

export const workspace = 'demo';
export const projectScope: Scope = { type: 'project', directory: '/srv/demo' };

/** What a test may say of an agent; the rest is `web:1`, no ports, restarted always, recreated. */
export interface AgentParts {
  readonly driver?: DriverName;
  /** `null`: the driver knows no images. */
  readonly image?: string | null;
  readonly pullPolicy?: 'IfNotPresent' | 'Always' | 'Never';
  readonly environment?: Readonly<Record<string, string | ValueReference>>;
  /** `8080/tcp` → host port on every interface, or port and address. */
  readonly ports?: Readonly<Record<string, number | string | { host: number | string; hostIp: string }>>;
  readonly volumes?: AgentSpec['volumes'];
  readonly limits?: Partial<AgentSpec['resources']['limits']>;
  readonly restart?: 'always' | 'on-failure' | 'never';
  readonly network?: string;
  readonly dependsOn?: readonly (readonly [string, Dependency['until']])[];
  readonly rollout?: ResourceTemplate['rollout'];
  /** Names are given to a replica once it is ready. */
  readonly routes?: boolean;
  readonly replicas?: number | ResourceTemplate['replicas'];
  readonly protect?: boolean;
  readonly ignore?: readonly FieldPath[];
  readonly mutable?: ResourceTemplate['mutable'];
  readonly check?: HealthCheck;
  readonly minReady?: number;
  readonly gracePeriod?: number;
}

export const tcpCheck: HealthCheck = {
  type: 'tcp',
  port: 8080,
  interval: 30_000,
  startInterval: 1000,
  timeout: 10_000,
  retries: 3,
  startPeriod: 5000,
  successThreshold: 1,
  onUnhealthy: 'restart',
};

export const rolling = (maxSurge = 1, maxUnavailable = 0): ResourceTemplate['rollout'] => ({
  strategy: 'rolling',
  maxSurge,
  maxUnavailable,
});

/** A reference to a key of a secret. */
export function secret(key: string): ValueReference {
  return { from: 'secret', name: 'vault', key };
}

const mutableFields: ResourceTemplate['mutable'] = [
  { path: fieldPath('resources', 'limits', 'cpu'), unset: 'in-place' },
  { path: fieldPath('resources', 'limits', 'memory'), unset: 'in-place' },
  { path: fieldPath('resources', 'limits', 'pids'), unset: 'in-place' },
  { path: fieldPath('restartPolicy', 'name'), unset: 'in-place' },
  { path: fieldPath('restartPolicy', 'maxRetries'), unset: 'in-place' },
];

/** An agent's template. */
export function agent(name: string, parts: AgentParts = {}): ResourceTemplate {
  const { driver = 'docker', image = 'web:1', restart = 'always', replicas = 1, protect = false } = parts;
  const environment = parts.environment ?? {};
  const spec: AgentSpec = {
    ...(image === null ? {} : { image }),
    environment,
    ports: Object.fromEntries(
      Object.entries(parts.ports ?? {}).map(([port, to]) => [
        port,
        typeof to === 'object' ? to : { host: to, hostIp: '0.0.0.0' },
      ]),
    ),
    volumes: parts.volumes ?? {},
    ...(parts.check ? { healthCheck: parts.check } : {}),
    resources: { limits: { cpu: null, memory: null, pids: null, ...parts.limits } },
    restartPolicy: { name: restart, maxRetries: 0 },
    labels: {},
    ...(parts.network === undefined ? {} : { network: { name: parts.network, aliases: [name] } }),
    stop: { signal: 'SIGTERM', gracePeriod: parts.gracePeriod ?? 30_000 },
    logging: { maxSize: 10 * 2 ** 20, maxFiles: 5 },
  };
  const shared = [
    ...(parts.network === undefined ? [] : [networkTemplate(parts.network)]),
    ...Object.values(spec.volumes).flatMap((volume) =>
      volume.type === 'volume' && volume.source !== undefined ? [volumeTemplate(volume.source)] : [],
    ),
  ];
  return {
    address: agentTemplate(name),
    driver,
    kind: 'agent',
    spec: toJson(spec),
    references: new Map(
      Object.entries(environment).flatMap(([key, value]) =>
        isReference(value) ? [[fieldPath('environment', key), value] as const] : [],
      ),
    ),
    mutable: parts.mutable ?? mutableFields,
    ignore: parts.ignore ?? [],
    dependsOn: [
      ...shared.map((address) => ({ address, until: 'exists' }) as const),
      ...(parts.dependsOn ?? []).map(([other, until]) => ({ address: agentTemplate(other), until })),
    ],
    protect,
    rollout: parts.rollout ?? { strategy: 'recreate' },
    ...(parts.routes === undefined ? {} : { routes: parts.routes }),
    replicas: typeof replicas === 'number' ? { type: 'fixed', count: replicas } : replicas,
    readiness: {
      ...(parts.check ? { check: parts.check } : {}),
      oneShot: restart === 'never',
      minReady: parts.minReady ?? 0,
      deadline: 600_000,
    },
    ...(image === null ? {} : { image: { name: image, pullPolicy: parts.pullPolicy ?? 'IfNotPresent' } }),
    manifest: `${name}.agent.yaml`,
    source: sourceOf(`${name}.agent.yaml`),
  };
}

/** A network's template. */
export function network(name: string, internal = false): ResourceTemplate {
  return shared(networkTemplate(name), 'network', toJson({ internal }));
}

/** A named volume's template. */
export function volume(name: string): ResourceTemplate {
  return shared(volumeTemplate(name), 'volume', {});
}

function shared(
  address: TemplateAddress,
  kind: 'network' | 'volume',
  spec: ResourceTemplate['spec'],
): ResourceTemplate {
  return {
    address,
    driver: 'docker',
    kind,
    spec,
    references: new Map(),
    mutable: [],
    ignore: [],
    dependsOn: [],
    protect: false,
    rollout: { strategy: 'recreate' },
    replicas: { type: 'fixed', count: 1 },
    readiness: { oneShot: false, minReady: 0, deadline: 600_000 },
    manifest: 'aac.yaml',
    source: sourceOf('aac.yaml'),
  };
}

/** A made-up file in which every kind of field has a line of its own. */
function sourceOf(file: string): SourceMap {
  const lines = ['metadata', 'image', 'environment', 'ports', 'volumes', 'resources', 'restartPolicy', 'dependsOn'];
  return {
    locate: (path) => {
      const [field = '', ...below] = fieldSegments(path);
      const line = 3 + 5 * (lines.indexOf(field) + 1) + below.length;
      const column = 3 + 2 * below.length;
      const offset = line * 100 + column;
      return { file, start: { line, column, offset }, end: { line, column: column + 5, offset: offset + 5 } };
    },
  };
}

/** All that is asked for. */
export function desire(
  templates: readonly ResourceTemplate[],
  parts: Partial<Omit<DesiredState, 'templates'>> = {},
): DesiredState {
  const byAddress = new Map(templates.map((template) => [template.address, template]));
  return { workspace, scope: projectScope, ...parts, templates: byAddress };
}

/** What a test may say of a standing object; the rest is as if the template had just been applied. */
export interface StandingParts {
  readonly index?: number;
  readonly generation?: number;
  readonly phase?: ObservedResource['phase'];
  readonly exitCode?: number;
  readonly restarts?: number;
  readonly imageId?: string;
  readonly routed?: boolean;
  /** Fields that somebody changed; `undefined` took away. */
  readonly live?: Readonly<Record<string, Json | undefined>>;
  readonly record?: Partial<AppliedRecord>;
  readonly journaled?: boolean;
}

/** The object that stands for a replica of a template. */
export function standing(template: ResourceTemplate, parts: StandingParts = {}): ObservedResource {
  const { index = 0, generation = 1 } = parts;
  const resource = expandReplicas(template, []).resources[index] ?? expandReplicas(many(template), []).resources[index];
  if (!resource) throw new Error(`\`${template.address}\` has no replica ${String(index)}`);
  const phase = parts.phase ?? (template.kind === 'agent' ? 'running' : 'exists');
  const changes = Object.entries(parts.live ?? {});
  const set = Object.fromEntries(changes.filter(([, value]) => value !== undefined)) as Record<FieldPath, Json>;
  const taken = new Set(changes.filter(([, value]) => value === undefined).map(([path]) => path as FieldPath));
  return made(resource, generation, {
    phase,
    live: without(withFields(resource.spec, set), taken),
    restarts: parts.restarts ?? 0,
    ...(template.routes ? { routed: parts.routed ?? true } : {}),
    ...(parts.exitCode === undefined ? {} : { exitCode: parts.exitCode }),
    ...(parts.imageId === undefined ? {} : { imageId: parts.imageId }),
    ...(parts.journaled === undefined ? {} : { journaled: parts.journaled }),
    record: parts.record ?? {},
  });
}

function many(template: ResourceTemplate): ResourceTemplate {
  return { ...template, replicas: { type: 'fixed', count: 100 } };
}

type MadeParts = Partial<Omit<ObservedResource, 'record'>> & { readonly record?: Partial<AppliedRecord> };

/** An object as a driver would make it. */
export function made(desired: DesiredResource, generation: number, { record, ...parts }: MadeParts): ObservedResource {
  const { address, spec, specHash, template } = desired;
  const name =
    template.kind === 'agent'
      ? agentObjectName(workspace, address, specHash, generation)
      : sharedObjectName(workspace, address);
  const object: ObservedResource = {
    address,
    driver: template.driver,
    kind: template.kind,
    ref: `ref-${template.driver}-${name}`,
    name,
    record: {
      workspace,
      address,
      specHash,
      generation,
      lastApplied: spec,
      fingerprints: {},
      dependsOn: template.dependsOn.map((dependency) => dependency.address),
      protect: template.protect,
      manifest: template.manifest,
      directory: projectScope.directory,
      origin: 'manifest',
      ...record,
    },
    live: spec,
    phase: template.kind === 'agent' ? 'running' : 'exists',
    health: 'none',
    restarts: 0,
    published: [],
    ...parts,
  };
  return { ...object, published: publishedOf(object) };
}

/** The ports an object holds: those of its spec while it runs. */
export function publishedOf(object: ObservedResource): ObservedResource['published'] {
  if (object.kind !== 'agent' || !isRunning(object)) return [];
  return Object.entries((object.live as unknown as AgentSpec).ports).flatMap(([port, { host, hostIp }]) =>
    typeof host === 'number' && host > 0 ? [{ port, host, hostIp }] : [],
  );
}

export const noFacts: Facts = {
  images: new Map(),
  ports: [],
  foreignNames: new Map(),
  missingPaths: new Set(),
};

/** All that stands. */
export function observe(objects: readonly ObservedResource[], facts: Partial<Facts> = {}): ObservedState {
  return {
    workspace,
    resources: groupBy(objects, (object) => object.address),
    facts: new Map([
      ['docker', { ...noFacts, ...facts }],
      ['process', noFacts],
    ]),
  };
}

/** `agent/web/0` as an address. */
export function at(text: string): Address {
  return text as Address;
}
