import { resolve } from 'node:path';
import { isEdge, singleAddress, volumeTemplate, type Address } from '../../model/address.ts';
import { edgeGiven } from '../../model/edge.ts';
import { labels as names } from '../../model/labels.ts';
import { sharedObjectName } from '../../model/name.ts';
import type { AgentSpec, HealthCheck, VolumeSpec } from '../../model/spec.ts';
import { sortedEntries } from '../../util/compare.ts';
import type { ContainerConfig, Labels, Mount } from './engine-types.ts';
import { fileMounts } from './files.ts';
import { attachedName, hostNetwork, isAttached, replicaAliases } from './network.ts';
import { hostResources } from './resources.ts';
import { containerUser, hostSecurity, type SecurityMaterial } from './security.ts';

/** What a container is made of besides its spec. */
export interface ContainerSurroundings {
  readonly workspace: string;
  /** The absolute folder that relative bind sources start from. */
  readonly root: string;
  readonly address: Address;
  /** All variables, references read. */
  readonly environment: Readonly<Record<string, string>>;
  /** The labels of the record. */
  readonly labels: Labels;
  /** Whether the engine itself is to make missing bind sources that may be made: it is on another machine. */
  readonly remote: boolean;
  /** The container's name, and where the engine keeps its secrets; absent: it has no files. */
  readonly files?: { readonly name: string; readonly mountpoint: string };
  /** What the security context needs besides its spec; absent: nothing. */
  readonly security?: SecurityMaterial;
  /** The names that it shares with other replicas are withheld. */
  readonly unrouted?: boolean;
  /** The address that it keeps as long as it is there; absent: the engine's choice. */
  readonly ip?: string;
}

/** The engine's name of one of the project's named volumes. */
export function volumeName(workspace: string, name: string): string {
  return sharedObjectName(workspace, singleAddress(volumeTemplate(name)));
}

/** The body of `POST /containers/create` for a spec. */
export function containerConfig(spec: AgentSpec, surroundings: ContainerSurroundings): ContainerConfig {
  const { workspace, root, address, environment, labels, remote, files, ip } = surroundings;
  const volumes = sortedEntries(spec.volumes);
  const ports = sortedEntries(spec.ports);
  const madeByEngine = ([, volume]: readonly [string, VolumeSpec]) => remote && volume.create === true;
  const { network } = spec;
  const { ephemeralStorage } = spec.resources.limits;
  const user = containerUser(spec.security, surroundings.security ?? {});
  return {
    Image: spec.image ?? '',
    ...(user === undefined ? {} : { User: user }),
    ...(spec.command ? { Entrypoint: spec.command } : {}),
    ...(spec.args ? { Cmd: spec.args } : {}),
    ...(spec.workingDir === undefined ? {} : { WorkingDir: spec.workingDir }),
    Env: sortedEntries(environment).map(([name, value]) => `${name}=${value}`),
    Labels: { ...prefixed(spec.labels), ...labels },
    ExposedPorts: Object.fromEntries(ports.map(([port]) => [port, {}])),
    ...(spec.healthCheck ? { Healthcheck: healthConfig(spec.healthCheck) } : {}),
    ...consoleConfig(spec.console),
    StopSignal: spec.stop.signal,
    StopTimeout: stopSeconds(spec.stop.gracePeriod),
    HostConfig: {
      ...hostResources(spec),
      Binds: volumes.filter(madeByEngine).map(([target, volume]) => {
        return [resolve(root, volume.source ?? ''), target, ...(volume.readOnly ? ['ro'] : [])].join(':');
      }),
      Mounts: [
        ...volumes
          .filter((entry) => !madeByEngine(entry))
          .flatMap(([target, volume]) => mount(target, volume, workspace, root)),
        ...(files ? fileMounts(spec, files.name, files.mountpoint) : []),
        // goes with the container
        ...(isEdge(address) ? [{ Type: 'volume' as const, Target: edgeGiven.folder, ReadOnly: false }] : []),
      ],
      PortBindings: Object.fromEntries(
        ports.map(([port, { host, hostIp }]) => [port, [{ HostIp: hostIp, HostPort: String(host) }]]),
      ),
      ...hostNetwork(network, workspace),
      ...(spec.init === undefined ? {} : { Init: spec.init }),
      // it stands on several networks, and is no way from one to the other
      ...(isEdge(address) ? { Sysctls: { 'net.ipv4.ip_forward': '0' } } : {}),
      ...(ephemeralStorage === undefined ? {} : { StorageOpt: { size: String(ephemeralStorage) } }),
      LogConfig: {
        Type: 'json-file',
        Config: { 'max-size': String(spec.logging.maxSize), 'max-file': String(spec.logging.maxFiles) },
      },
      ...hostSecurity(spec.security, surroundings.security ?? {}),
    },
    ...(network && isAttached(network)
      ? {
          NetworkingConfig: {
            EndpointsConfig: {
              [attachedName(workspace, network)]: {
                Aliases: [...(surroundings.unrouted ? [] : network.aliases), ...replicaAliases(address)],
                ...(ip === undefined ? {} : { IPAMConfig: { IPv4Address: ip } }),
              },
            },
          },
        }
      : {}),
  };
}

/** The standard streams; the engine closes an attached input with the first who is attached. */
function consoleConfig(console: AgentSpec['console']): Pick<ContainerConfig, 'OpenStdin' | 'StdinOnce' | 'Tty'> {
  if (!console) return {};
  return { OpenStdin: console.stdin !== 'none', StdinOnce: console.stdin === 'attached', Tty: console.tty };
}

/** Whole seconds of a grace period in milliseconds, never less. */
export function stopSeconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1_000);
}

/** Nanoseconds, in which the engine counts, of milliseconds. */
export function nanoseconds(milliseconds: number): number {
  return milliseconds * 1e6;
}

/** A command is the engine's to run; for any other check, which aac runs, the image's own is put to rest. */
function healthConfig(check: HealthCheck): NonNullable<ContainerConfig['Healthcheck']> {
  if (check.type !== 'command') return { Test: ['NONE'] };
  return {
    Test: ['CMD', ...check.command],
    Interval: nanoseconds(check.interval),
    Timeout: nanoseconds(check.timeout),
    StartPeriod: nanoseconds(check.startPeriod),
    Retries: check.retries,
    StartInterval: nanoseconds(check.startInterval), // dropped without a word by engines before 25
  };
}

/** The mount of a volume; files of configmaps and secrets are mounted with all files of the container. */
function mount(target: string, volume: VolumeSpec, workspace: string, root: string): readonly Mount[] {
  const { source = '', readOnly, size } = volume;
  switch (volume.type) {
    case 'volume':
      return [{ Type: 'volume', Source: volumeName(workspace, source), Target: target, ReadOnly: readOnly }];
    case 'bind':
      return [{ Type: 'bind', Source: resolve(root, source), Target: target, ReadOnly: readOnly }];
    case 'tmpfs': {
      const options = size === undefined ? {} : { TmpfsOptions: { SizeBytes: size } };
      return [{ Type: 'tmpfs', Target: target, ReadOnly: readOnly, ...options }];
    }
    case 'configmap':
    case 'secret':
      return [];
  }
}

function prefixed(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [`${names.userPrefix}${key}`, value]));
}
