import type { HealthCheck } from '../../model/spec.ts';
import { toAgentSpec } from '../../model/spec.ts';
import type { ProbeResult } from '../driver.ts';
import { baseEnvironment, portEnvironment } from './child-environment.ts';
import type { Host } from './host.ts';
import { parseCookie } from './instance.ts';
import { findInstance } from './find-instance.ts';
import { probeTarget } from './probe.ts';
import type { Sighting } from './sighting.ts';
import { cookieVariables } from './system.ts';

/** Checks an instance, and first that it is its own process that is there to be checked. */
export async function probeInstance(
  host: Host,
  ref: string,
  { check, signal }: { readonly check: HealthCheck; readonly signal: AbortSignal },
): Promise<ProbeResult> {
  const cookie = parseCookie(ref);
  const found = cookie && (await findInstance(host, cookie.workspace, cookie.name, ref));
  if (found && !found.ok) return { status: 'error', message: found.error.message };
  const sighting = found?.value;
  if (sighting?.state.phase !== 'running') return { status: 'failure', message: 'the process is not running' };
  const target = {
    ports: sighting.instance.ports,
    folder: sighting.run?.folder ?? '/',
    environment: check.type === 'command' ? await environmentOf(host, sighting) : {},
  };
  return probeTarget(target, check, signal);
}

/**
 * The environment that the instance runs in, as its process was given it: the values behind references are nowhere
 * else. Where it cannot be read, a command has to do without those.
 */
async function environmentOf(host: Host, { instance, state }: Sighting): Promise<Readonly<Record<string, string>>> {
  const own = state.phase === 'running' ? await host.system.environment(state.latch.pid) : undefined;
  const hidden: ReadonlySet<string> = new Set([cookieVariables.latch, cookieVariables.record]);
  if (own) return Object.fromEntries(Object.entries(own).filter(([name]) => !hidden.has(name)));
  const literals = Object.entries(toAgentSpec(instance.record.lastApplied).environment).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return { ...baseEnvironment(host.environment), ...portEnvironment(instance.ports), ...Object.fromEntries(literals) };
}
