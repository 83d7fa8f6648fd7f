import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { DriverError } from '../../model/outcome.ts';
import type { AgentSpec } from '../../model/spec.ts';
import { err, ok, type Result } from '../../util/result.ts';
import type { ExecuteContext } from '../driver.ts';
import { edgeBase, edgeFolders } from './edge-compile.ts';
import { edgeProgram } from '../edge-program.ts';
import type { Answer, Engine } from './engine.ts';
import { writeTar, type TarFile } from './tar.ts';

/**
 * Has the edge's image on the engine, which is named by what it is made of: the configured image with the program in
 * it, or this machine's own Node with the libraries that it needs. Nothing is pulled but a configured image that is not
 * there.
 */
export async function ensureEdgeImage(engine: Engine, spec: AgentSpec, context: ExecuteContext): Answer<undefined> {
  const { signal } = context;
  const { image = '' } = spec;
  const found = await engine.image(image, signal);
  if (!found.ok) return found;
  if (found.value) return ok(undefined);
  const text = edgeProgram()?.text;
  if (text === undefined) return err(cannot('`dist/edge.js` is not there', 'build aac: `npm run build`'));
  context.progress(`makes the image ${image}`);
  const base = spec.environment[edgeBase];
  const program = { content: text, mode: 0o444, user: 0, group: 0 };
  if (typeof base === 'string') {
    const recipe = `FROM ${base}\nCOPY edge.js ${edgeFolders.program}/edge.js\nENTRYPOINT []\n`;
    const archive = archiveOf([
      { name: 'Dockerfile', ...program, content: recipe },
      { name: 'edge.js', ...program },
    ]);
    return engine.buildImage(image, archive, signal);
  }
  const files = await ownNode(engine, signal);
  if (!files.ok) return files;
  const archive = archiveOf([...files.value, { name: `${edgeFolders.program.slice(1)}/edge.js`, ...program }]);
  return engine.importImage(image, archive, ['ENV PATH=/bin'], signal);
}

/** Node of this machine and its libraries, where the engine runs on the same kind of machine. */
async function ownNode(engine: Engine, signal: AbortSignal): Promise<Result<readonly TarFile[], DriverError>> {
  const info = await engine.info(signal);
  if (!info.ok) return info;
  const { OSType: system = 'linux', Architecture: architecture } = info.value;
  if (engine.endpoint.address.type !== 'socket') return err(cannot('the engine is on another machine'));
  if (process.platform !== 'linux') return err(cannot('this machine does not run Linux'));
  if (system !== 'linux' || architecture !== architectures[process.arch]) {
    return err(cannot(`the engine runs ${system} on ${architecture ?? '?'}, this machine on ${process.arch}`));
  }
  try {
    const { stdout } = await promisify(execFile)('ldd', [process.execPath], { signal });
    const libraries = [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, path = '']) => path);
    const node = await fileOf(process.execPath, 'bin/node');
    const files = await Promise.all([...new Set(libraries)].map((path) => fileOf(path, path.slice(1))));
    return ok([node, ...files]);
  } catch (error) {
    return err(cannot(`Node and its libraries cannot be read: ${(error as Error).message}`));
  }
}

/** The engine's words for Node's. */
const architectures: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

async function fileOf(path: string, name: string): Promise<TarFile> {
  return { name, content: await readFile(path), mode: 0o755, user: 0, group: 0 };
}

function archiveOf(files: readonly TarFile[]): Buffer {
  const archive = writeTar(files);
  if (!archive.ok) throw new Error(`\`${archive.error}\` is too long a name`);
  return archive.value;
}

function cannot(why: string, hint?: string): DriverError {
  return {
    code: 'invalid',
    retry: 'terminal',
    message: `the image of the edge cannot be made: ${why}`,
    hint: hint ?? 'name an image that has Node 20 or later with `spec.edge.image` of the project',
  };
}
