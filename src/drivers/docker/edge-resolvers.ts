import { readFile } from 'node:fs/promises';
import { edgeGiven, type EdgeDocument } from '../../model/edge.ts';
import type { DriverError } from '../../model/outcome.ts';
import type { AgentSpec } from '../../model/spec.ts';
import { err, ok, type Result } from '../../util/result.ts';
import { edgeResolvers } from './edge-compile.ts';
import type { Engine } from './engine.ts';

/** Where a machine says which name servers it asks; the second is what lies behind a local one. */
const places = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'];

/**
 * The variable that tells the edge which name servers to ask. The engine's own are not asked, as they answer with the
 * edge itself; what the project does not name is read from this machine, where the engine runs on it.
 */
export async function resolverVariable(
  { endpoint }: Engine,
  { environment }: AgentSpec,
): Promise<Result<Readonly<Record<string, string>>, DriverError>> {
  const document = environment[edgeGiven.variable];
  if (typeof document !== 'string' || environment[edgeResolvers] !== undefined) return ok({});
  const { clients } = JSON.parse(document) as EdgeDocument;
  if (Object.keys(clients).length === 0) return ok({});
  const servers = endpoint.address.type === 'socket' ? await serversOf(places) : [];
  // whom it lets out nowhere yet it may be told to let out while it runs
  if (servers.length > 0) return ok({ [edgeResolvers]: servers.join(',') });
  if (!letsOut(document)) return ok({});
  return err({
    code: 'invalid',
    retry: 'terminal',
    message: 'it is not known which name servers the edge can ask',
    hint: 'name them with `spec.edge.dns` of the project',
  });
}

/** Whether a document lets anybody out, for which name servers are asked. */
export function letsOut(document: string): boolean {
  return Object.values((JSON.parse(document) as EdgeDocument).clients).some(({ allow }) => allow.length > 0);
}

/** The name servers in the first of these files that names one which others than the machine itself can ask. */
async function serversOf(files: readonly string[]): Promise<readonly string[]> {
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const servers = [...text.matchAll(/^nameserver\s+(\S+)/gm)].map(([, server = '']) => server);
    const others = servers.filter((server) => !/^(127\.|::1$)|%/.test(server));
    if (others.length > 0) return others;
  }
  return [];
}
