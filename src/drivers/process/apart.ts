import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InsideOrder } from '../../model/edge.ts';
import type { DriverError } from '../../model/outcome.ts';
import { toAgentSpec } from '../../model/spec.ts';
import { err, ok, type Result } from '../../util/result.ts';
import { edgeProgram } from '../edge-program.ts';
import { failure } from './failure.ts';
import type { Host } from './host.ts';
import type { Instance } from './instance.ts';
import { apartNetwork } from './restricted.ts';
import { enclose } from './sandbox.ts';

/** Whether an instance runs where it reaches nothing but the edge. */
export function runsApart({ record }: Instance): boolean {
  return toAgentSpec(record.lastApplied).network?.name === apartNetwork;
}

/** Where the sockets of an instance's own ports are. */
export function inwardFolder(host: Host, { name, record }: Instance): string {
  return join(host.store(record.workspace).files(name).folder, 'ports');
}

/**
 * The command of an instance that is to run apart, enclosed: within, a program leads what it asks of the outside to the
 * edge, and what comes to its ports in.
 */
export async function apartCommand(
  host: Host,
  instance: Instance,
  { command, folder, root }: { readonly command: readonly string[]; readonly folder: string; readonly root: string },
): Promise<Result<readonly string[], DriverError>> {
  const sandbox = host.sandbox();
  if (sandbox.status !== 'works') {
    return err(failure('invalid', `its way out cannot be restricted: ${sandbox.message}`, { hint: sandbox.hint }));
  }
  const shipped = edgeProgram();
  if (!shipped) {
    const hint = 'build aac: `npm run build`';
    return err(failure('invalid', 'its way out cannot be restricted: `dist/edge.js` is not there', { hint }));
  }
  const store = host.store(instance.record.workspace);
  const own = store.files(instance.name).folder;
  const { network, secrets } = toAgentSpec(instance.record.lastApplied);
  const [agent = ''] = network?.aliases ?? [];
  const hasSecrets = Object.keys(secrets ?? {}).length > 0;
  const paths = {
    inward: inwardFolder(host, instance),
    ways: join(store.ways, agent),
    program: join(own, 'inside.js'),
    hosts: join(own, 'hosts'),
  };
  for (const needed of [paths.inward, paths.ways]) await mkdir(needed, { recursive: true, mode: 0o700 });
  await writeFile(paths.program, shipped.text, { mode: 0o600 });
  await writeFile(paths.hosts, hostsOf(instance), { mode: 0o644 });
  const order: InsideOrder = { ways: paths.ways, inward: paths.inward, ports: portsOf(instance) };
  const words = enclose({
    program: sandbox.program,
    folder,
    seen: [root],
    state: store.state,
    written: [paths.inward],
    read: [paths.program, paths.ways, ...(hasSecrets ? [store.files(instance.name).secrets] : [])],
    hosts: paths.hosts,
  });
  return ok([...words, process.execPath, paths.program, 'inside', JSON.stringify(order), '--', ...command]);
}

/** The ports within that somebody outside may want to reach: its own, and the one that is asked for its health. */
function portsOf({ ports, record }: Instance): readonly number[] {
  const { healthCheck } = toAgentSpec(record.lastApplied);
  const own = Object.values(ports).map(({ host }) => host);
  const asked = healthCheck?.type === 'http' || healthCheck?.type === 'tcp' ? [healthCheck.port] : [];
  return [...new Set([...own, ...asked.filter((port) => !ports[`${String(port)}/tcp`])])];
}

/** The names that it may use, all of which lead to the edge. */
function hostsOf({ record }: Instance): string {
  const { extraHosts = {} } = toAgentSpec(record.lastApplied).network ?? {};
  const lines = Object.entries({ localhost: '127.0.0.1', ...extraHosts }).map(
    ([name, address]) => `${address} ${name}`,
  );
  return [...lines, '::1 ip6-localhost', ''].join('\n');
}
