import { readFile } from 'node:fs/promises';
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
  const document = environment.AAC_EDGE_DOCUMENT;
  const letsOut = typeof document === 'string' && document.includes('"allow":[{');
  if (!letsOut || environment[edgeResolvers] !== undefined) return ok({});
  const servers = endpoint.address.type === 'socket' ? await serversOf(places) : [];
  if (servers.length > 0) return ok({ [edgeResolvers]: servers.join(',') });
  return err({
    code: 'invalid',
    retry: 'terminal',
    message: 'it is not known which name servers the edge can ask',
    hint: 'name them with `spec.edge.dns` of the project',
  });
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
