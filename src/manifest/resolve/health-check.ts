import { parsePortKey } from '../../model/port.ts';
import type { HealthCheck, HealthCheckTiming, PortSpec } from '../../model/spec.ts';
import { fieldPlace, type ResolveContext } from './context.ts';
import type { MergedFields } from './layers.ts';

type Written = NonNullable<MergedFields['healthCheck']>;
type CheckType = HealthCheck['type'];

/** Which fields a type of check reads, those it needs first. */
const fieldsByType: Readonly<Record<CheckType, readonly ('command' | 'path' | 'port')[]>> = {
  command: ['command'],
  http: ['path', 'port'],
  tcp: ['port'],
  file: ['path'],
};

/** The health check with its type and its defaults; absent where none is written. */
export function resolveHealthCheck(
  context: ResolveContext,
  ports: Readonly<Record<string, PortSpec>>,
): HealthCheck | undefined {
  const written = context.merged.fields.healthCheck;
  if (!written) return undefined;
  const type = checkType(written);
  if (type === undefined) {
    context.reporter.error(
      'missing-field',
      '`healthCheck` does not say what to check',
      fieldPlace(context, 'healthCheck'),
      { hint: 'give a `command`, a `path` or a `port`', part: 'key', missingIn: [['healthCheck']] },
    );
    return undefined;
  }
  for (const field of ['command', 'path', 'port'] as const) {
    if (written[field] === undefined || fieldsByType[type].includes(field)) continue;
    const at = fieldPlace(context, 'healthCheck', field);
    context.reporter.error('conflicting-fields', `\`${field}\` means nothing in a check of type \`${type}\``, at, {
      hint: `such a check reads ${fieldsByType[type].map((name) => `\`${name}\``).join(' and ')}`,
      part: 'key',
    });
  }
  return checkOf(context, type, written, ports);
}

/** The type that was written, or the one that the other fields show. */
export function checkType({ type, command, path, port }: Written): CheckType | undefined {
  if (type !== undefined) return type;
  if (command !== undefined) return 'command';
  if (path !== undefined) return 'http';
  return port === undefined ? undefined : 'tcp';
}

function checkOf(
  context: ResolveContext,
  type: CheckType,
  written: Written,
  ports: Readonly<Record<string, PortSpec>>,
): HealthCheck | undefined {
  const timing = timingOf(written);
  const { command, path } = written;
  switch (type) {
    case 'command':
      return command ? { ...timing, type, command } : missing(context, type, 'command');
    case 'file':
      return path === undefined ? missing(context, type, 'path') : { ...timing, type, path };
    case 'http':
    case 'tcp': {
      const port = written.port ?? onlyTcpPort(ports);
      if (port === undefined) return missing(context, type, 'port');
      return type === 'tcp' ? { ...timing, type, port } : { ...timing, type, port, path: path ?? '/' };
    }
  }
}

function timingOf(written: Written): HealthCheckTiming {
  return {
    interval: written.interval ?? 30_000,
    startInterval: written.startInterval ?? 1000,
    timeout: written.timeout ?? 10_000,
    retries: written.retries ?? 3,
    startPeriod: written.startPeriod ?? 5000,
    successThreshold: written.successThreshold ?? 1,
    onUnhealthy: written.onUnhealthy ?? 'restart',
  };
}

/** An agent with one port leaves no doubt which is meant. */
function onlyTcpPort(ports: Readonly<Record<string, PortSpec>>): number | undefined {
  const tcp = Object.keys(ports).flatMap((key) => {
    const parsed = parsePortKey(key);
    return parsed?.protocol === 'tcp' ? [parsed.container] : [];
  });
  return tcp.length === 1 ? tcp[0] : undefined;
}

function missing(context: ResolveContext, type: CheckType, field: string): undefined {
  const written = context.merged.fields.healthCheck?.type === undefined ? 'path' : 'type';
  context.reporter.error(
    'missing-field',
    `a health check of type \`${type}\` needs a \`${field}\``,
    fieldPlace(context, 'healthCheck', written),
    { missingIn: [['healthCheck']] },
  );
  return undefined;
}
