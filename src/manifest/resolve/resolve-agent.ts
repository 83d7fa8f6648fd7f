import { posix } from 'node:path';
import type { Agent, DriverName } from '../../model/agent.ts';
import type { ValueReference } from '../../model/reference.ts';
import { defined } from '../defined.ts';
import { interpolate } from '../interpolate.ts';
import { isTag, parseImage } from '../schema/image.ts';
import type { WrittenAgent } from '../schema/agent.ts';
import type { Checked } from '../validate.ts';
import {
  checkAliases,
  resolveDeployment,
  resolveLifecycle,
  resolveRestartPolicy,
  resolveSecurity,
} from './behaviour.ts';
import { below, fieldPlace, type ResolveContext } from './context.ts';
import { resolveEnvironment } from './environment.ts';
import { resolveHealthCheck } from './health-check.ts';
import { resolveNetwork } from './network.ts';
import { resolvePorts } from './ports.ts';
import { resolveReferences, type Edge } from './references.ts';
import { resolveReplicas } from './replicas.ts';
import { resolveResources } from './resources.ts';
import { agentSourceMap } from './source-map.ts';
import { resolveVolumes } from './volumes.ts';
import { writtenFields } from './written-fields.ts';

/** An agent and its edges to others. */
export interface ResolvedAgent {
  readonly agent: Agent;
  readonly edges: readonly Edge[];
}

/** Fills in what a manifest leaves open and checks what it means. What is wrong goes to the context's reporter. */
export function resolveAgent(
  checked: Checked<WrittenAgent>,
  written: WrittenAgent,
  context: ResolveContext,
  driver: DriverName,
): ResolvedAgent {
  const { document } = checked;
  const { fields } = context.merged;
  const { metadata } = written;
  checkAliases(context);
  const { ports, proxyProtocols } = resolvePorts(context);
  const healthCheck = resolveHealthCheck(context, ports);
  const { services, dependsOn, edges } = resolveReferences(context);
  const folder = posix.dirname(document.file.path);
  const environment = resolveEnvironment(context);
  const agent: Agent = {
    name: context.name,
    ...defined({ previousNames: metadata.previousNames }),
    driver,
    file: document.file.path,
    folder: folder === '.' ? '.' : `./${folder}`,
    ...defined({ version: metadata.version }),
    labels: metadata.labels ?? {},
    ...defined({ runtime: fields.runtime && defined(fields.runtime) }),
    ...(fields.model ? { model: { provider: fields.model.provider, name: fields.model.name } } : {}),
    image: resolveImage(context, checked, metadata.version, driver),
    imagePullPolicy: fields.imagePullPolicy ?? 'IfNotPresent',
    ...defined({ command: fields.command, args: fields.args, workingDir: fields.workingDir }),
    environment: { ...environment, ...secretVariables(context, environment) },
    secrets: resolveSecrets(context),
    ports,
    ...(Object.keys(proxyProtocols).length > 0 ? { proxyProtocols } : {}),
    volumes: resolveVolumes(context),
    ...defined({ healthCheck }),
    resources: resolveResources(context),
    network: resolveNetwork(context),
    services,
    dependsOn,
    replicas: resolveReplicas(context),
    security: resolveSecurity(context),
    restartPolicy: resolveRestartPolicy(context),
    stop: { signal: fields.stop?.signal ?? 'SIGTERM', gracePeriod: fields.stop?.gracePeriod ?? 30_000 },
    init: fields.init ?? true,
    deployment: resolveDeployment(context),
    logging: { maxSize: fields.logging?.maxSize ?? 10 * 2 ** 20, maxFiles: fields.logging?.maxFiles ?? 5 },
    lifecycle: resolveLifecycle(context),
    // computed when asked for: a thousand agents have fifty thousand of them
    get written() {
      return writtenFields(context.merged);
    },
    source: agentSourceMap(document, context.merged),
  };
  return { agent, edges };
}

/** The image, interpolated; without one, the agent's name with its version as the tag. */
function resolveImage(
  context: ResolveContext,
  { document }: Checked<WrittenAgent>,
  version: string | undefined,
  driver: DriverName,
): string {
  const template = context.merged.fields.image;
  if (template === undefined) {
    const tag = version ?? 'latest';
    if (driver !== 'process' && !isTag(tag)) {
      const place = { document, path: ['metadata', 'version'] };
      context.reporter.error('invalid-value', `version \`${tag}\` cannot be the tag of an image`, place, {
        hint: 'name the image with `spec.image`',
      });
    }
    return `${context.name}:${tag}`;
  }
  if (!template.includes('${')) return template;
  const place = fieldPlace(context, 'image');
  const result = interpolate(template, context.variables);
  if (!result.ok) {
    context.reporter.error(result.error.code, result.error.message, place, { hint: result.error.hint });
    return template;
  }
  for (const name of result.value.used) context.publicVariables.add(name);
  if (!parseImage(result.value.text).ok) {
    // the template and not what it became, which may hold what was put there by mistake
    const message = `\`${template}\` with its variables replaced is no image reference`;
    context.reporter.error('invalid-value', message, place);
  }
  return result.value.text;
}

/** The variables that secrets ask for beside their files. */
function secretVariables(context: ResolveContext, environment: Agent['environment']): Agent['environment'] {
  const first = new Map<string, ReturnType<typeof below>>();
  const variables: Record<string, ValueReference> = {};
  for (const { item, place } of context.merged.secrets) {
    if (item.env === undefined) continue;
    const earlier = first.get(item.env);
    if (earlier || Object.hasOwn(environment, item.env)) {
      context.reporter.error('duplicate-name', `variable \`${item.env}\` is set twice`, below(place, 'env'), {
        ...(earlier ? { related: [{ message: 'first set here', place: earlier }] } : {}),
        hint: 'let the secret name another one, or take the variable out of `environment`',
      });
      continue;
    }
    first.set(item.env, below(place, 'env'));
    variables[item.env] = secretReference(context, item);
  }
  return variables;
}

function secretReference(
  context: ResolveContext,
  item: ResolveContext['merged']['secrets'][number]['item'],
): ValueReference {
  return { from: 'secret', name: item.secretName ?? context.name, key: item.secretKey ?? item.name };
}

function resolveSecrets(context: ResolveContext): Agent['secrets'] {
  const first = new Map<string, ReturnType<typeof below>>();
  return context.merged.secrets.map(({ item, place }) => {
    const mountPath = item.mountPath ?? `/run/secrets/${item.name}`;
    for (const key of [`secret \`${item.name}\``, `mount path \`${mountPath}\``]) {
      const earlier = first.get(key);
      if (earlier) {
        context.reporter.error('duplicate-name', `${key} is there twice`, below(place, 'name'), {
          related: [{ message: 'first written here', place: below(earlier, 'name') }],
        });
        break;
      }
    }
    first.set(`secret \`${item.name}\``, place).set(`mount path \`${mountPath}\``, place);
    return {
      name: item.name,
      reference: secretReference(context, item),
      mountPath,
      ...defined({ env: item.env }),
    };
  });
}
