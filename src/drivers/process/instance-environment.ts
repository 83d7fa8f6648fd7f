import { toAgentSpec } from '../../model/spec.ts';
import { baseEnvironment, portEnvironment } from './child-environment.ts';
import type { Host } from './host.ts';
import type { Sighting } from './sighting.ts';
import { cookieVariables } from './system.ts';

/**
 * The environment that the instance runs in, as its process was given it: the values behind references are nowhere
 * else. Where it cannot be read, a command has to do without those.
 */
export async function environmentOf(
  host: Host,
  { instance, state }: Sighting,
): Promise<Readonly<Record<string, string>>> {
  const own = state.phase === 'running' ? await host.system.environment(state.latch.pid) : undefined;
  const hidden: ReadonlySet<string> = new Set([cookieVariables.latch, cookieVariables.record]);
  if (own) return Object.fromEntries(Object.entries(own).filter(([name]) => !hidden.has(name)));
  const literals = Object.entries(toAgentSpec(instance.record.lastApplied).environment).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return { ...baseEnvironment(host.environment), ...portEnvironment(instance.ports), ...Object.fromEntries(literals) };
}
