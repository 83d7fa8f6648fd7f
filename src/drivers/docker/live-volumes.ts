import { posix, relative, resolve, sep } from 'node:path';
import type { AgentSpec, VolumeSpec } from '../../model/spec.ts';
import type { Json, JsonObject } from '../../util/json.ts';
import { volumeName } from './container-config.ts';
import type { ContainerDetails } from './engine-types.ts';
import { secretsElsewhere, secretsFolder, volumeAt } from './files.ts';

/** What reading mounts back depends on. */
export interface MountContext {
  readonly workspace: string;
  readonly root: string;
}

/** What is mounted at the targets that a spec declares. */
export function liveVolumes(container: ContainerDetails, spec: AgentSpec, context: MountContext): JsonObject {
  const mounts = new Map((container.Mounts ?? []).map((mount) => [trimmed(mount.Destination), mount]));
  return Object.fromEntries(
    Object.entries(spec.volumes).flatMap(([target, declared]): [string, Json][] => {
      const mount = mounts.get(trimmed(target));
      if (!mount) return [];
      const live = { ...toJsonVolume(declared), readOnly: !mount.RW };
      if (declared.type === 'configmap' || declared.type === 'secret') {
        const own = mount.Name === volumeAt(container.Name.replace(/^\//, ''), target);
        return [[target, own ? live : { ...live, source: mount.Name ?? mount.Source }]];
      }
      if (mount.Type === 'tmpfs') return [[target, { ...live, type: 'tmpfs', ...liveSize(container, target) }]];
      const source =
        mount.Type === 'volume'
          ? liveVolumeSource(mount.Name ?? '', declared, context)
          : liveBindSource(mount.Source, declared, context);
      return [[target, { ...live, type: mount.Type, source }]];
    }),
  );
}

/** The declared secrets that are mounted. What is in a file only the agent knows. */
export function liveSecrets(
  container: ContainerDetails,
  spec: AgentSpec,
  declared: NonNullable<AgentSpec['secrets']>,
): JsonObject {
  const mounted = new Set((container.Mounts ?? []).map((mount) => trimmed(mount.Destination)));
  const elsewhere = new Map(secretsElsewhere(spec));
  return Object.fromEntries(
    Object.entries(declared).flatMap(([name, secret]): [string, Json][] => {
      const { reference, mountPath } = secret;
      const live = { reference: { ...reference }, ...(mountPath === undefined ? {} : { mountPath }) };
      return mounted.has(elsewhere.get(name) ?? secretsFolder) ? [[name, live]] : [];
    }),
  );
}

/** The declared spelling of a path where the engine has the same one spelled its own way. */
export function samePath(live: string, declared: string): string {
  return trimmed(live) === trimmed(declared) ? declared : live;
}

function liveSize({ HostConfig }: ContainerDetails, target: string): { readonly size?: number } {
  const mount = HostConfig.Mounts?.find((asked) => trimmed(asked.Target) === trimmed(target));
  const size = mount?.TmpfsOptions?.SizeBytes;
  return size === undefined || size === 0 ? {} : { size };
}

function toJsonVolume({ type, source, create, readOnly, keys }: VolumeSpec): JsonObject {
  const references = keys && Object.fromEntries(Object.entries(keys).map(([key, value]) => [key, { ...value }]));
  return {
    type,
    readOnly,
    ...(source === undefined ? {} : { source }),
    ...(create === undefined ? {} : { create }),
    ...(references ? { keys: references } : {}),
  };
}

function liveVolumeSource(name: string, declared: VolumeSpec, { workspace }: MountContext): string {
  return declared.source !== undefined && volumeName(workspace, declared.source) === name ? declared.source : name;
}

function liveBindSource(path: string, declared: VolumeSpec, { root }: MountContext): string {
  if (declared.source !== undefined && resolve(root, declared.source) === path) return declared.source;
  const within = relative(root, path);
  return within.startsWith('..') || resolve(within) === within ? path : `./${within.split(sep).join('/')}`;
}

function trimmed(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}
