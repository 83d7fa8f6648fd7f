import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { DriverError } from '../../model/outcome.ts';
import { toAgentSpec } from '../../model/spec.ts';
import { err, ok, type Result } from '../../util/result.ts';
import { edgeProgram } from '../edge-program.ts';
import { controlSocket, edgeProgramHash } from './edge-compile.ts';
import { failure, orAbsent } from './failure.ts';
import type { Host } from './host.ts';
import type { Instance } from './instance.ts';
import { ensureRoutes } from './routes.ts';

/**
 * What starts an edge: this Node and the program in the instance's own folder, where the first start puts it, so that
 * an edge is started again as it was though aac has been replaced or taken away meanwhile.
 */
export async function edgeCommand(
  host: Host,
  instance: Instance,
): Promise<Result<{ readonly name: string; readonly command: readonly string[] }, DriverError>> {
  const store = host.store(instance.record.workspace);
  const { folder } = store.files(instance.name);
  const program = join(folder, 'edge.js');
  if ((await orAbsent(readFile(program))) === undefined) {
    const shipped = edgeProgram();
    if (!shipped) {
      return err(
        failure('invalid', 'the edge cannot run: `dist/edge.js` is not there', { hint: 'build aac: `npm run build`' }),
      );
    }
    if (shipped.hash !== toAgentSpec(instance.record.lastApplied).environment[edgeProgramHash]) {
      return err(failure('invalid', 'the program of the edge is another one by now', { hint: 'plan again' }));
    }
    await writeFileAtomic(program, shipped.text, { mode: 0o600 });
  }
  await rm(join(folder, controlSocket), { force: true }); // one that was killed leaves it, and it says that an edge listens
  return ok({
    name: 'node',
    command: [process.execPath, program, 'serve', '.', await ensureRoutes(host, instance), store.ways],
  });
}
