import { posix } from 'node:path';
import { agentTemplate } from '../../model/address.ts';
import type { Agent } from '../../model/agent.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { fieldPath, type FieldPath } from '../../model/field-path.ts';
import type { AgentSpec } from '../../model/spec.ts';
import { sortedEntries } from '../../util/compare.ts';
import { hashJson } from '../../util/hash.ts';
import type { ContainerDetails, Mount } from './engine-types.ts';

/** Where the secrets of an agent lie in its container, whatever other paths they are mounted at. */
export const secretsFolder = '/run/secrets';

/** A folder of files in a container, each the value of a field; it lies on an engine volume of its own. */
export interface FileFolder {
  readonly volume: string;
  readonly target: string;
  /** Only the agent's user may read them. */
  readonly private: boolean;
  /** File name → the field whose value it holds. */
  readonly files: Readonly<Record<string, FieldPath>>;
}

/** The folders of the container called `name`: one of its secrets, one for each configmap and secret it mounts. */
export function fileFolders(spec: AgentSpec, name: string): readonly FileFolder[] {
  const secrets = sortedEntries(spec.secrets ?? {});
  const mounts = sortedEntries(spec.volumes).flatMap(([target, { type, keys }]): readonly FileFolder[] => {
    if (type !== 'configmap' && type !== 'secret') return [];
    const files = sortedEntries(keys ?? {}).map(([key]) => [key, fieldPath('volumes', target, 'keys', key)]);
    return [{ volume: volumeAt(name, target), target, private: type === 'secret', files: fromEntries(files) }];
  });
  if (secrets.length === 0) return mounts;
  const files = secrets.map(([name, secret]) => [
    fileNameOf(name, secret.mountPath),
    fieldPath('secrets', name, 'reference'),
  ]);
  const own = {
    volume: volumeAt(name, secretsFolder),
    target: secretsFolder,
    private: true,
    files: fromEntries(files),
  };
  return [own, ...mounts];
}

/** The engine volume of the folder mounted at `target`. */
export function volumeAt(name: string, target: string): string {
  return `${name}-files-${hashJson(target, 8)}`;
}

/** Whether a container has folders of files. */
export function hasFiles({ Name, Mounts }: ContainerDetails): boolean {
  const prefix = `${Name.replace(/^\//, '')}-files-`;
  return (Mounts ?? []).some((mount) => mount.Name?.startsWith(prefix));
}

/** Secrets that are wanted at a path of their own, in order: name and path. */
export function secretsElsewhere({ secrets = {} }: AgentSpec): readonly (readonly [string, string])[] {
  return sortedEntries(secrets).flatMap(([name, { mountPath }]) => {
    const path = mountPath === undefined ? undefined : posix.normalize(mountPath);
    return path === undefined || posix.dirname(path) === secretsFolder ? [] : [[name, path] as const];
  });
}

/** What a secret's file is called in the folder of secrets: as its path says, where that leads there. */
function fileNameOf(name: string, mountPath: string | undefined): string {
  const path = posix.normalize(mountPath ?? '');
  return posix.dirname(path) === secretsFolder ? posix.basename(path) : name;
}

/**
 * The mounts of all files. `mountpoint` is where the engine keeps the secrets' volume: what is wanted elsewhere is
 * bound from there file by file, so that a secret hides nothing that lies beside it.
 */
export function fileMounts(spec: AgentSpec, name: string, mountpoint: string): readonly Mount[] {
  return [
    ...fileFolders(spec, name).map(({ volume, target }): Mount => {
      return { Type: 'volume', Source: volume, Target: target, ReadOnly: true, VolumeOptions: { NoCopy: true } };
    }),
    ...secretsElsewhere(spec).map(([secret, path]): Mount => {
      return { Type: 'bind', Source: posix.join(mountpoint, secret), Target: path, ReadOnly: true };
    }),
  ];
}

/** An error for each secret that would be mounted where a volume or another secret is, or can be mounted nowhere. */
export function refuseCollisions(agent: Agent): readonly Diagnostic[] {
  return agent.secrets.length === 0 ? [] : [...refuseSecretPaths(agent), ...refuseVolumesOverSecrets(agent)];
}

/** The folder of secrets is one mount that nobody can write to, also not the engine to mount something in it. */
function refuseSecretPaths(agent: Agent): readonly Diagnostic[] {
  return agent.secrets.flatMap(({ name, mountPath }, index): readonly Diagnostic[] => {
    const path = posix.normalize(mountPath);
    const file = fileNameOf(name, mountPath);
    const rival = agent.secrets.slice(0, index).find((other) => fileNameOf(other.name, other.mountPath) === file);
    const tooDeep = path.startsWith(`${secretsFolder}/`) && posix.dirname(path) !== secretsFolder;
    if (!rival && !tooDeep) return [];
    const range = agent.source.locate(fieldPath('secrets', name, 'mountPath'));
    const message = rival
      ? `the secrets \`${rival.name}\` and \`${name}\` would both be \`${posix.join(secretsFolder, file)}\``
      : `a secret cannot be mounted at \`${mountPath}\`, in a folder below \`${secretsFolder}\``;
    return [
      {
        code: 'conflicting-fields',
        severity: 'error',
        message,
        hint: rival
          ? `give one of them another name or path: \`${secretsFolder}\` holds every secret, under its name unless its path leads there`
          : `mount it right in \`${secretsFolder}\`, or somewhere else`,
        address: agentTemplate(agent.name),
        ...(range ? { range } : {}),
      },
    ];
  });
}

function refuseVolumesOverSecrets(agent: Agent): readonly Diagnostic[] {
  const taken = new Set([secretsFolder, ...agent.secrets.map(({ mountPath }) => posix.normalize(mountPath))]);
  return agent.volumes
    .filter(({ target }) => taken.has(posix.normalize(target)))
    .map(({ target }) => {
      const range = agent.source.locate(fieldPath('volumes', target, 'target'));
      return {
        code: 'conflicting-fields',
        severity: 'error',
        message: `a volume is mounted at \`${target}\`, where the agent's secrets are`,
        hint: `mount it elsewhere: secrets lie in \`${secretsFolder}\` and at their own \`mountPath\``,
        address: agentTemplate(agent.name),
        ...(range ? { range } : {}),
      };
    });
}

function fromEntries(entries: readonly (readonly string[])[]): Readonly<Record<string, FieldPath>> {
  return Object.fromEntries(entries) as Record<string, FieldPath>;
}
