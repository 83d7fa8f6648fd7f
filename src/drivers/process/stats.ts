import { totalmem } from 'node:os';
import type { DriverError } from '../../model/outcome.ts';
import { toAgentSpec } from '../../model/spec.ts';
import { ok, type Result } from '../../util/result.ts';
import type { Usage } from '../driver.ts';
import { findRunning } from './find-running.ts';
import type { Host } from './host.ts';
import { createSearch } from './stop-tree.ts';
import { sumUsage } from './usage.ts';

/** What the tree of a running instance has used: the latch and everything below and beside it. */
export async function readStats(host: Host, ref: string): Promise<Result<Usage, DriverError>> {
  const running = await findRunning(host, ref);
  if (!running.ok) return running;
  const members = await createSearch(host.system, running.value.tree)();
  const usages = await host.system.usage(members.map(({ pid }) => pid));
  const { limits } = toAgentSpec(running.value.sighting.instance.record.lastApplied).resources;
  const memoryLimit = limits.memory ?? totalmem();
  return ok({ at: host.clock.now(), pids: usages.length, memoryLimit, ...sumUsage(usages) });
}
