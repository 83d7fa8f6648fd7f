import { fieldPath } from '../../model/field-path.ts';
import type { AppliedRecord, Facts, HeldPort, ObservedResource, PublishedPort } from '../../model/observed.ts';
import { isReference, matchesFingerprint } from '../../model/reference.ts';
import { toAgentSpec } from '../../model/spec.ts';
import { isRunning } from '../../model/version.ts';
import type { Json, JsonObject } from '../../util/json.ts';
import type { Interest } from '../driver.ts';
import type { MemoryObject, MemoryWorld } from './memory-world.ts';

/** An object with our record on it. */
export type OwnObject = MemoryObject & { readonly record: AppliedRecord };

/** Whether an object is the workspace's. */
export function isOwn(object: MemoryObject | undefined, workspace: string): object is OwnObject {
  return object?.record?.workspace === workspace;
}

/** An object as every driver reports one. */
export function toObserved(object: OwnObject): ObservedResource {
  const { record, kind, ref, name, phase, exitCode, restarts, createdAt, startedAt, imageId } = object;
  return {
    address: record.address,
    driver: 'memory',
    kind,
    ref,
    name,
    record,
    live: kind === 'agent' ? { ...object.live, environment: liveEnvironment(object) } : object.live,
    phase,
    health: 'none',
    ...(record.lastApplied.network === undefined || kind !== 'agent' ? {} : { routed: object.unrouted !== true }),
    ...(phase === 'exited' && exitCode !== undefined ? { exitCode } : {}),
    restarts,
    createdAt,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(imageId === undefined ? {} : { imageId }),
    published: publishedPorts(object),
  };
}

/** What else a plan may have to know of the world. */
export function factsOf(world: MemoryWorld, workspace: string, interest: Interest): Facts {
  const foreign = world.objects.filter(
    (object) => !isOwn(object, workspace) && object.name.startsWith(interest.namePrefix),
  );
  return {
    images: new Map(interest.images.map((image) => [image, world.images.get(image) ?? null])),
    ports: world.objects.flatMap(heldPorts),
    foreignNames: new Map(foreign.map((object) => [`${object.kind}/${object.name}`, `${object.kind} ${object.name}`])),
    missingPaths: new Set(interest.paths.filter((path) => world.missingPaths.has(path))),
    ...(world.capacity ? { capacity: world.capacity } : {}),
  };
}

function liveEnvironment({ record, environment }: OwnObject): JsonObject {
  const declared = toAgentSpec(record.lastApplied).environment;
  return Object.fromEntries(
    Object.entries(declared).flatMap(([name, value]): [string, Json][] => {
      const now = environment[name];
      if (now === undefined) return [];
      if (!isReference(value)) return [[name, now]];
      const recorded = record.fingerprints[fieldPath('environment', name)];
      return [[name, recorded && matchesFingerprint(recorded, now) ? { ...value } : { from: 'drifted' }]];
    }),
  );
}

function publishedPorts(object: MemoryObject): readonly PublishedPort[] {
  if (object.kind !== 'agent' || !isRunning(object)) return [];
  return Object.entries(toAgentSpec(object.live).ports ?? {}).flatMap(([port, { hostIp }]) => {
    const host = object.published[port];
    return host === undefined ? [] : [{ port, host, hostIp }];
  });
}

/** The host ports that a running object holds. */
export function heldPorts(object: MemoryObject): readonly HeldPort[] {
  return publishedPorts(object).map(({ port, host, hostIp }) => ({
    port: host,
    protocol: port.endsWith('/udp') ? 'udp' : 'tcp',
    hostIp,
    holder: `agent ${object.name}`,
    ref: object.ref,
  }));
}
