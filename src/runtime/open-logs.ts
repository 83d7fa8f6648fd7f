import { parseAddress } from '../model/address.ts';
import type { ObservedResource } from '../model/observed.ts';
import type { LogLine } from '../drivers/driver.ts';
import type { DriverSet } from './driver-set.ts';

/** Which part of each log. */
export interface LogRequest {
  /** Go on as more is printed; no unless told. */
  readonly follow?: boolean;
  /** Only the last so many lines of each agent. */
  readonly tail?: number;
}

/** The logs of agents, each under the name people know it by: `web/0`. */
export async function openLogs(
  agents: readonly ObservedResource[],
  drivers: DriverSet,
  { follow = false, tail }: LogRequest,
  signal: AbortSignal,
): Promise<readonly { readonly agent: string; readonly lines: AsyncIterable<LogLine> }[]> {
  return Promise.all(
    agents.map(async (agent) => {
      const driver = await drivers.open(agent.driver);
      if (!driver) throw new Error(`an agent was observed by the ${agent.driver} driver, which cannot be opened`);
      const lines = driver.logs(agent.ref, { follow, signal, ...(tail === undefined ? {} : { tail }) });
      return { agent: agentLabel(agent), lines };
    }),
  );
}

/** `web/0`, or `adhoc` for an agent without replicas. */
export function agentLabel(agent: ObservedResource): string {
  const parts = parseAddress(agent.address);
  return parts?.index === undefined ? (parts?.name ?? agent.address) : `${parts.name}/${String(parts.index)}`;
}
