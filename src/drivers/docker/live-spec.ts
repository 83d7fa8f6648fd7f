import { fieldPath } from '../../model/field-path.ts';
import { labels as names } from '../../model/labels.ts';
import type { AppliedRecord } from '../../model/observed.ts';
import { isReference, matchesFingerprint } from '../../model/reference.ts';
import { toAgentSpec, type AgentSpec, type HealthCheck } from '../../model/spec.ts';
import type { Json, JsonObject } from '../../util/json.ts';
import { nanoseconds, stopSeconds } from './container-config.ts';
import type { ContainerDetails } from './engine-types.ts';
import { liveSecrets, liveVolumes, samePath } from './live-volumes.ts';
import { liveNetwork, type NetworkContext } from './network.ts';
import { cpuShares, liveLimits, liveRestartPolicy } from './resources.ts';
import { liveSecurity } from './security.ts';

/** What reading a container back depends on. */
export interface LiveContext extends Omit<NetworkContext, 'address'> {
  readonly root: string;
}

/** A referenced value that is not the recorded one any more. */
const drifted = { from: 'drifted' } as const;

/**
 * What a container is now, in the shape of the spec it was made from and only for the fields that it declares. What
 * the engine does not hold, such as who runs a health check, is as recorded.
 */
export function liveSpec(container: ContainerDetails, record: AppliedRecord, context: LiveContext): JsonObject {
  const { Config: config, HostConfig: host } = container;
  const spec = toAgentSpec(record.lastApplied);
  const declared: Record<string, Json | undefined> = {
    image: spec.image === undefined ? undefined : config.Image,
    command: spec.command && [...(config.Entrypoint ?? [])],
    args: spec.args && [...(config.Cmd ?? [])],
    workingDir: spec.workingDir === undefined ? undefined : samePath(config.WorkingDir, spec.workingDir),
    environment: liveEnvironment(config.Env ?? [], spec, record),
    secrets: spec.secrets && liveSecrets(container, spec, spec.secrets),
    ports: livePorts(container, spec),
    volumes: liveVolumes(container, spec, context),
    healthCheck: spec.healthCheck && liveHealthCheck(container, spec.healthCheck),
    resources: {
      limits: { ...liveLimits(host), ...liveStorage(host.StorageOpt, spec.resources.limits) },
      ...(spec.resources.requests ? { requests: liveRequests(host, spec.resources.requests) } : {}),
    },
    restartPolicy: { ...liveRestartPolicy(host, spec.restartPolicy) },
    labels: liveLabels(config.Labels ?? {}),
    network: spec.network && liveNetwork(container, spec.network, { ...context, address: record.address }),
    security: spec.security && liveSecurity(container, spec.security),
    stop: {
      signal: config.StopSignal ?? '',
      gracePeriod:
        config.StopTimeout === stopSeconds(spec.stop.gracePeriod)
          ? spec.stop.gracePeriod
          : (config.StopTimeout ?? 10) * 1_000,
    },
    init: spec.init === undefined ? undefined : (host.Init ?? false),
    logging: liveLogging(host.LogConfig),
  };
  // fields of a later aac that this one does not know cannot have drifted as far as it can tell
  const live = { ...record.lastApplied, ...declared };
  return Object.fromEntries(Object.entries(live).filter(([, value]) => value !== undefined));
}

function liveEnvironment(entries: readonly string[], spec: AgentSpec, record: AppliedRecord): JsonObject {
  const values = new Map(entries.map((entry) => splitOnce(entry, '=')));
  return Object.fromEntries(
    Object.entries(spec.environment).flatMap(([name, declared]): [string, Json][] => {
      const value = values.get(name);
      if (value === undefined) return [];
      if (!isReference(declared)) return [[name, value]];
      const fingerprint = record.fingerprints[fieldPath('environment', name)];
      const unchanged = fingerprint !== undefined && matchesFingerprint(fingerprint, value);
      return [[name, unchanged ? { ...declared } : drifted]];
    }),
  );
}

function livePorts(container: ContainerDetails, spec: AgentSpec): JsonObject {
  const bindings = container.HostConfig.PortBindings ?? {};
  return Object.fromEntries(
    Object.entries(spec.ports).flatMap(([port, declared]): [string, Json][] => {
      const [binding] = bindings[port] ?? [];
      if (!binding) return [];
      const host = Number(binding.HostPort || 0);
      const sameHost = String(declared.host) === binding.HostPort || Number(declared.host) === host;
      return [[port, { host: sameHost ? declared.host : host, hostIp: binding.HostIp || '0.0.0.0' }]];
    }),
  );
}

function liveHealthCheck(container: ContainerDetails, declared: HealthCheck): Json | undefined {
  if (declared.type !== 'command') return { ...declared };
  const health = container.Config.Healthcheck;
  const [kind, ...command] = health?.Test ?? [];
  if (!health || kind !== 'CMD') return undefined;
  // what is declared as 0 the engine takes from the image or from its own defaults
  const live = (milliseconds: number, nano: number | undefined) =>
    milliseconds === 0 || nanoseconds(milliseconds) === nano ? milliseconds : (nano ?? 0) / 1e6;
  return {
    ...declared,
    command,
    interval: live(declared.interval, health.Interval),
    timeout: live(declared.timeout, health.Timeout),
    startPeriod: live(declared.startPeriod, health.StartPeriod),
    retries: declared.retries === 0 ? 0 : (health.Retries ?? 0),
  };
}

function liveRequests(
  { CpuShares = 0, MemoryReservation = 0 }: ContainerDetails['HostConfig'],
  { cpu, memory }: NonNullable<AgentSpec['resources']['requests']>,
): JsonObject {
  const shares = cpu !== undefined && cpuShares(cpu) === CpuShares ? cpu : Math.round((CpuShares / 1024) * 1e9);
  return {
    ...(cpu === undefined ? {} : { cpu: shares }),
    ...(memory === undefined ? {} : { memory: MemoryReservation }),
  };
}

function liveStorage(
  options: Readonly<Record<string, string>> | null | undefined,
  { ephemeralStorage }: AgentSpec['resources']['limits'],
): JsonObject {
  return ephemeralStorage === undefined || options?.size === undefined
    ? {}
    : { ephemeralStorage: Number(options.size) };
}

function liveLabels(labels: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(
    Object.entries(labels).flatMap(([key, value]) =>
      key.startsWith(names.userPrefix) ? [[key.slice(names.userPrefix.length), value]] : [],
    ),
  );
}

function liveLogging(config: ContainerDetails['HostConfig']['LogConfig']): JsonObject {
  if (config?.Type !== 'json-file') return { driver: config?.Type ?? '' };
  const { 'max-size': size, 'max-file': files } = config.Config ?? {};
  return { maxSize: size === undefined ? null : Number(size), maxFiles: files === undefined ? null : Number(files) };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
