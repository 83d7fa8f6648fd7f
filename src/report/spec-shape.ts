import type { ValueReference } from '../model/reference.ts';
import type {
  AgentSpec,
  ConsoleSpec,
  HealthCheck,
  HealthCheckTiming,
  NetworkAttachment,
  NetworkSpec,
  PortSpec,
  ResourceLimits,
  RestartPolicySpec,
  SecretFileSpec,
  SeccompProfile,
  SecuritySpec,
  VolumeSpec,
} from '../model/spec.ts';
import {
  amount,
  either,
  exactly,
  flag,
  integer,
  list,
  nothing,
  object,
  oneOf,
  optional,
  record,
  text,
  textOf,
  union,
  type Shape,
} from './shape.ts';

const reference = union<'from', ValueReference>('from', {
  interpolation: object({ from: exactly('interpolation'), template: text }),
  env: object<Extract<ValueReference, { readonly from: 'env' }>>({
    from: exactly('env'),
    key: text,
    default: optional(text),
  }),
  secret: object({ from: exactly('secret'), name: text, key: text }),
  config: object({ from: exactly('config'), name: text, key: text }),
});

const timing = {
  interval: amount,
  startInterval: amount,
  timeout: amount,
  retries: amount,
  startPeriod: amount,
  successThreshold: amount,
  onUnhealthy: oneOf<HealthCheckTiming['onUnhealthy']>({ restart: true, none: true }),
};

/** How a saved plan may ask an agent whether it is well. */
export const healthCheckShape: Shape<HealthCheck> = union<'type', HealthCheck>('type', {
  command: object({ ...timing, type: exactly('command'), command: list(text) }),
  http: object({ ...timing, type: exactly('http'), port: integer, path: text }),
  tcp: object({ ...timing, type: exactly('tcp'), port: integer }),
  file: object({ ...timing, type: exactly('file'), path: text }),
});

type Requests = NonNullable<AgentSpec['resources']['requests']>;

const limit = either(nothing, amount);

/** The spec of an agent, as `compile` writes it. */
export const agentSpecShape: Shape<AgentSpec> = object<AgentSpec>({
  image: optional(text),
  command: optional(list(text)),
  args: optional(list(text)),
  workingDir: optional(text),
  environment: record(either(text, reference)),
  secrets: optional(record(object<SecretFileSpec>({ reference, mountPath: optional(text) }))),
  ports: record(object<PortSpec>({ host: either(textOf(/^\d+-\d+$/, 'a port range'), integer), hostIp: text })),
  volumes: record(
    object<VolumeSpec>({
      type: oneOf<VolumeSpec['type']>({ bind: true, volume: true, tmpfs: true, configmap: true, secret: true }),
      source: optional(text),
      readOnly: flag,
      size: optional(amount),
      create: optional(flag),
      keys: optional(record(reference)),
    }),
  ),
  healthCheck: optional(healthCheckShape),
  resources: object<AgentSpec['resources']>({
    limits: object<ResourceLimits>({
      cpu: limit,
      memory: limit,
      pids: limit,
      ephemeralStorage: optional(amount),
    }),
    requests: optional(object<Requests>({ cpu: optional(amount), memory: optional(amount) })),
  }),
  restartPolicy: object<RestartPolicySpec>({
    name: oneOf<RestartPolicySpec['name']>({ always: true, 'on-failure': true, never: true }),
    maxRetries: integer,
  }),
  labels: record(text),
  network: optional(
    object<NetworkAttachment>({
      name: text,
      external: optional(flag),
      aliases: list(text),
      also: optional(
        record(
          object<Pick<NetworkAttachment, 'name' | 'external' | 'aliases'>>({
            name: text,
            external: optional(flag),
            aliases: list(text),
          }),
        ),
      ),
      dns: optional(list(text)),
      dnsSearch: optional(list(text)),
      extraHosts: optional(record(text)),
    }),
  ),
  security: optional(
    object<SecuritySpec>({
      runAsUser: optional(integer),
      runAsGroup: optional(integer),
      runAsNonRoot: optional(flag),
      readOnlyRootFilesystem: flag,
      capabilities: object<SecuritySpec['capabilities']>({ add: list(text), drop: list(text) }),
      noNewPrivileges: flag,
      seccompProfile: optional(
        either<'default' | 'unconfined', Exclude<SeccompProfile, string>>(
          oneOf<'default' | 'unconfined'>({ default: true, unconfined: true }),
          object({ path: text, sha256: text }),
        ),
      ),
    }),
  ),
  stop: object({ signal: text, gracePeriod: amount }),
  init: optional(flag),
  logging: object({ maxSize: amount, maxFiles: integer }),
  console: optional(
    object<ConsoleSpec>({ stdin: oneOf<ConsoleSpec['stdin']>({ none: true, open: true, attached: true }), tty: flag }),
  ),
});

/** The spec of a network. */
export const networkSpecShape: Shape<NetworkSpec> = object<NetworkSpec>({ internal: flag, isolated: optional(flag) });

/** The spec of a named volume, which has no fields. */
export const volumeSpecShape: Shape<object> = object({});
