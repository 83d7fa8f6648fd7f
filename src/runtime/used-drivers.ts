import type { DriverName } from '../model/agent.ts';
import type { Workspace } from './workspace.ts';

/** The drivers that are declared or were used before; when no manifest can be read, any that is there may be. */
export function usedDrivers({ desired, drivers, history }: Workspace): ReadonlySet<DriverName> {
  const declared = desired ? [...desired.templates.values()].map(({ driver }) => driver) : drivers.names;
  return new Set([...declared, ...history.drivers]);
}
