import type { HealthCheck } from '../../model/spec.ts';
import { toAgentSpec } from '../../model/spec.ts';
import type { ProbeResult } from '../driver.ts';
import { inwardFolder, runsApart } from './apart.ts';
import type { Host } from './host.ts';
import { environmentOf } from './instance-environment.ts';
import { parseCookie } from './instance.ts';
import { findInstance } from './find-instance.ts';
import { probeTarget } from './probe.ts';
import { runAs } from './run-as.ts';

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
  const { security } = toAgentSpec(sighting.instance.record.lastApplied);
  const user = await runAs(security, host.system.user());
  const target = {
    ...(user ? { user } : {}),
    ports: sighting.instance.ports,
    folder: sighting.run?.folder ?? '/',
    ...(runsApart(sighting.instance) ? { sockets: inwardFolder(host, sighting.instance) } : {}),
    environment: check.type === 'command' ? await environmentOf(host, sighting) : {},
  };
  return probeTarget(target, check, signal);
}
