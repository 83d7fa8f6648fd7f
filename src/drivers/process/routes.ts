import { randomBytes } from 'node:crypto';
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { EdgeTargetFile } from '../../model/edge.ts';
import { toAgentSpec } from '../../model/spec.ts';
import { edgeCheck } from '../edge-check.ts';
import { edgeNetwork } from './edge-compile.ts';
import { isSystemError, orAbsent } from './failure.ts';
import { inwardFolder, runsApart } from './apart.ts';
import type { Host } from './host.ts';
import type { Instance } from './instance.ts';
import { sightAll } from './sight-all.ts';
import { apartNetwork } from './restricted.ts';
import type { Sighting } from './sighting.ts';

/**
 * Whether the edge leads to an instance, which a file of its own in the folder of routes says: the edge reads that
 * folder, so there is nothing to tell it. `undefined` for what is not behind the edge. While the whole folder is lost
 * an edge stays with what it knew, so what runs counts as led to.
 */
export async function routedOf(host: Host, { instance, state }: Sighting): Promise<boolean | undefined> {
  if (groupOf(instance) === undefined) return undefined;
  const { routes } = host.store(instance.record.workspace);
  const text = await orAbsent(readFile(fileOf(routes, instance), 'utf8'));
  if (text !== undefined) return (JSON.parse(text) as EdgeTargetFile).state === 'ready';
  return state.phase === 'running' && !(await exists(routes));
}

/** Has the edge lead to an instance, or only finish there what it has begun. Nothing for what is not behind it. */
export async function leadTo(host: Host, instance: Instance, state: EdgeTargetFile['state']): Promise<void> {
  if (groupOf(instance) === undefined) return;
  const folder = await ensureRoutes(host, instance);
  await writeFileAtomic(fileOf(folder, instance), textOf(host, instance, state), { mode: 0o600 });
}

/** Has the edge know nothing of an instance: one that goes, or that is not ready yet. */
export async function leadAway(host: Host, instance: Instance): Promise<void> {
  if (groupOf(instance) === undefined) return;
  await rm(fileOf(await ensureRoutes(host, instance), instance), { force: true });
}

/** The agent as the edge knows it; `undefined` where the edge does not lead to it. */
export function groupOf({ record }: Instance): string | undefined {
  const { network, ports } = toAgentSpec(record.lastApplied);
  const isBehind = network?.name === edgeNetwork || (network?.name === apartNetwork && Object.keys(ports).length > 0);
  return isBehind ? network.aliases[0] : undefined;
}

/** The folder of routes. One that was lost appears again with all that run in it but the instance asked about. */
export async function ensureRoutes(host: Host, { name, record: { workspace } }: Instance): Promise<string> {
  const { routes } = host.store(workspace);
  if (await exists(routes)) return routes;
  const made = `${routes}.${randomBytes(8).toString('hex')}.tmp`;
  await mkdir(made, { recursive: true, mode: 0o700 });
  const all = await sightAll(host, workspace, await host.system.processes());
  for (const { instance, state } of all.ok ? all.value : []) {
    if (instance.name === name || state.phase !== 'running' || groupOf(instance) === undefined) continue;
    await writeFile(fileOf(made, instance), textOf(host, instance, 'ready'), { mode: 0o600 });
  }
  try {
    await rename(made, routes);
  } catch (thrown) {
    await rm(made, { recursive: true, force: true });
    if (!isSystemError(thrown) || !['EEXIST', 'ENOTEMPTY'].includes(thrown.code)) throw thrown; // another was faster
  }
  return routes;
}

function textOf(host: Host, instance: Instance, state: EdgeTargetFile['state']): string {
  const ports = Object.entries(instance.ports).map(([port, { host: number }]) => [port, number] as const);
  const check = edgeCheck(toAgentSpec(instance.record.lastApplied).healthCheck);
  const target: EdgeTargetFile = {
    group: groupOf(instance) ?? '',
    host: '127.0.0.1',
    state,
    ...(runsApart(instance) ? { folder: inwardFolder(host, instance) } : {}),
    ports: Object.fromEntries(ports),
    ...(check ? { check } : {}),
  };
  return JSON.stringify(target);
}

function fileOf(folder: string, { name }: Instance): string {
  return join(folder, `${name}.json`);
}

async function exists(path: string): Promise<boolean> {
  return (await orAbsent(access(path).then(() => true))) === true;
}
