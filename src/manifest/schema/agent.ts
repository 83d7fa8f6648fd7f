import * as z from 'zod';
import { err, ok } from '../../util/result.ts';
import { didYouMean } from '../nearest-word.ts';
import { parseImage } from './image.ts';
import * as lists from './lists.ts';
import * as v from './values.ts';

/** The versions of the format that are understood. */
export const apiVersion = z.literal(['agent.dev/v1', 'agent.as.code/v1']);

export const driver = z.enum(['docker', 'process', 'kubernetes']);

const languages = ['python', 'nodejs', 'go', 'rust', 'java'] as const;

const runtime = v.parsed(z.string(), (value) => {
  const [name = '', version, ...rest] = value.split(':');
  const language = languages.find((candidate) => candidate === name);
  if (language !== undefined && rest.length === 0 && version !== '') {
    return ok({ language, ...(version === undefined ? {} : { version }) });
  }
  const hint = didYouMean(name, languages) ?? `write one of ${languages.join(', ')}, with or without \`:version\``;
  return err({ message: `\`${value}\` is no runtime`, hint });
});

/** With a `${` in it the image is judged once it is interpolated. */
const image = v.parsed(z.string(), (value) => (value.includes('${') ? ok(value) : parseImage(value)));

const healthCheck = z.strictObject({
  type: z.enum(['http', 'command', 'tcp', 'file']).optional(),
  command: v.textList.min(1).optional(),
  path: v.absolutePath.optional(),
  port: v.portNumber.optional(),
  interval: v.positiveDuration.optional(),
  startInterval: v.positiveDuration.optional(),
  timeout: v.positiveDuration.optional(),
  retries: v.positive.optional(),
  startPeriod: v.duration.optional(),
  successThreshold: v.positive.optional(),
  onUnhealthy: z.enum(['restart', 'none']).optional(),
});

const amounts = { cpu: v.cpu.optional(), memory: v.bytes.optional(), 'ephemeral-storage': v.bytes.optional() };

const resources = z.strictObject({
  limits: z.strictObject({ ...amounts, pids: v.positive.optional() }).optional(),
  requests: z.strictObject(amounts).optional(),
});

const allowedHost = z
  .string()
  .regex(
    /^(?:\*\.)?[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d{1,5})?$/,
    'must be a host name, exact or `*.domain`, with or without `:port`',
  );

const network = z.strictObject({
  mode: v.objectName.optional(),
  ports: lists.ports.optional(),
  dns: z.array(v.ip).optional(),
  dnsSearch: z.array(v.text).optional(),
  aliases: z.array(v.dnsLabel).optional(),
  extraHosts: z
    .record(
      z.string(),
      v.parsed(z.string(), (value) => (value === 'host-gateway' ? ok(value) : v.parseIp(value))),
    )
    .optional(),
  security: z
    .strictObject({
      allowExternalConnections: z.boolean().optional(),
      allowedHosts: z
        .array(
          z.union([
            allowedHost,
            z.strictObject({ host: allowedHost, port: v.portNumber.optional(), private: z.boolean().optional() }),
          ]),
        )
        .optional(),
    })
    .optional(),
});

const metric = z.strictObject({
  type: z.enum(['Resource']),
  resource: z.strictObject({
    name: z.enum(['cpu', 'memory']),
    target: z.strictObject({ type: z.enum(['Utilization']), averageUtilization: v.percent }),
  }),
});

const scaling = z.strictObject({
  replicas: v.count.optional(),
  minReplicas: v.positive.optional(),
  maxReplicas: v.positive.optional(),
  metrics: z.array(metric).optional(),
});

const autoscaling = z.strictObject({
  enabled: z.boolean().optional(),
  targetCPUUtilizationPercentage: v.percent.optional(),
  targetMemoryUtilizationPercentage: v.percent.optional(),
  scaleUpDelay: v.duration.optional(),
  scaleDownDelay: v.duration.optional(),
});

const security = z.strictObject({
  runAsUser: v.count.optional(),
  runAsGroup: v.count.optional(),
  runAsNonRoot: z.boolean().optional(),
  readOnlyRootFilesystem: z.boolean().optional(),
  capabilities: z
    .strictObject({ drop: z.array(v.capability).optional(), add: z.array(v.capability).optional() })
    .optional(),
  noNewPrivileges: z.boolean().optional(),
  seccompProfile: v.text.optional(),
});

const restartName = z.enum(['always', 'on-failure', 'never']);

const restartPolicy = z.union([
  restartName.transform((name) => ({ name, maxRetries: undefined })),
  z.strictObject({ name: restartName, maxRetries: v.count.optional() }),
]);

const deployment = z.strictObject({
  strategy: z.enum(['recreate', 'rolling']).optional(),
  maxSurge: v.count.optional(),
  maxUnavailable: v.count.optional(),
  minReadySeconds: v.count.optional(),
  progressDeadline: v.positiveDuration.optional(),
  autoRollback: z.boolean().optional(),
});

const specShape = {
  driver: driver.optional(),
  runtime: runtime.optional(),
  image: image.optional(),
  imagePullPolicy: z.enum(['IfNotPresent', 'Always', 'Never']).optional(),
  command: v.textList.min(1).optional(),
  args: v.textList.optional(),
  workingDir: v.text.optional(),
  model: z.looseObject({ provider: v.text, name: v.text }).optional(),
  capabilities: z.unknown().optional(),
  dependencies: z.unknown().optional(),
  config: z.record(z.string(), z.unknown()).optional(),
  environment: z.array(lists.variable).optional(),
  secrets: z.array(lists.secretFile).optional(),
  ports: lists.ports.optional(),
  volumes: z.array(lists.volume).optional(),
  healthCheck: healthCheck.optional(),
  resources: resources.optional(),
  network: network.optional(),
  services: z.array(lists.service).optional(),
  dependsOn: z.array(lists.dependency).optional(),
  replicas: v.count.optional(),
  scaling: scaling.optional(),
  autoscaling: autoscaling.optional(),
  security: security.optional(),
  securityContext: security.optional(),
  restartPolicy: restartPolicy.optional(),
  stop: z.strictObject({ signal: v.signal.optional(), gracePeriod: v.duration.optional() }).optional(),
  init: z.boolean().optional(),
  deployment: deployment.optional(),
  logging: z.strictObject({ maxSize: v.bytes.optional(), maxFiles: v.positive.optional() }).optional(),
  lifecycle: z
    .strictObject({
      protect: z.boolean().optional(),
      ignoreDifferences: v.textList.optional(),
      bestEffort: v.textList.optional(),
    })
    .optional(),
  monitoring: z.unknown().optional(),
  tracing: z.unknown().optional(),
  capability_config: z.unknown().optional(),
  dev_dependencies: z.unknown().optional(),
  models: z.unknown().optional(),
};

/** What an agent's `spec` may hold. */
export const agentSpecSchema = z.strictObject(specShape);

/** What a project may set for all its agents: any part of a spec, and what all ports share. */
export const defaultsSchema = z.strictObject({
  ...specShape,
  ports: lists.defaultPorts.optional(),
  model: z.looseObject({ provider: v.text.optional(), name: v.text.optional() }).optional(),
});

/** A whole `kind: Agent` document. */
export const agentSchema = z.strictObject({
  apiVersion,
  kind: z.literal('Agent'),
  metadata: z.strictObject({
    name: v.dnsLabel,
    version: v.text.optional(),
    description: z.string().optional(),
    author: z.string().optional(),
    tags: v.textList.optional(),
    labels: z.record(v.text, z.string()).optional(),
    previousNames: z.array(v.dnsLabel).optional(),
  }),
  spec: agentSpecSchema.optional(),
});

/** A `kind: Agent` document as it was written, units read and nothing filled in. */
export type WrittenAgent = z.output<typeof agentSchema>;

/** The `spec` of one. */
export type WrittenSpec = z.output<typeof agentSpecSchema>;

/** A project's `defaults`. */
export type WrittenDefaults = z.output<typeof defaultsSchema>;
