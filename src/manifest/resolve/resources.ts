import type { Agent, AgentResources } from '../../model/agent.ts';
import { formatBytes, formatCpu } from '../../model/quantity.ts';
import { defined } from '../defined.ts';
import { fieldPlace, type ResolveContext } from './context.ts';
import type { MergedFields } from './layers.ts';

type Amounts = NonNullable<NonNullable<MergedFields['resources']>['requests']>;

/** Limits and requests; a request above its limit is an error. */
export function resolveResources(context: ResolveContext): Agent['resources'] {
  const { limits = {}, requests = {} } = context.merged.fields.resources ?? {};
  for (const name of ['cpu', 'memory', 'ephemeral-storage'] as const) {
    const [limit, request] = [limits[name], requests[name]];
    if (limit === undefined || request === undefined || request <= limit) continue;
    const format = name === 'cpu' ? formatCpu : formatBytes;
    context.reporter.error(
      'conflicting-fields',
      `${name} request \`${format(request)}\` is above the limit \`${format(limit)}\``,
      fieldPlace(context, 'resources', 'requests', name),
      {
        hint: 'lower the request or raise the limit',
        related: [{ message: 'the limit', place: fieldPlace(context, 'resources', 'limits', name) }],
      },
    );
  }
  return { limits: { ...amounts(limits), ...defined({ pids: limits.pids }) }, requests: amounts(requests) };
}

function amounts(written: Amounts): AgentResources {
  return defined({ cpu: written.cpu, memory: written.memory, ephemeralStorage: written['ephemeral-storage'] });
}
