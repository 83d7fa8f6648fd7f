// One way to bundle aac, for the build and for the benchmark.
import { rolldown } from 'rolldown';

/**
 * Modules that cost start-up and never run: dockerode loads gRPC and protobuf for BuildKit sessions, docker-modem loads
 * ssh2, half of it native, for `ssh://` hosts, and both what packs build contexts. What stands in for them says so should
 * it ever be called. docker-modem's streams are Node's own, and its log is silent, as aac has one.
 */
const replacements = [
  [/\/dockerode\/lib\/session\.js$/, notBundled('BuildKit sessions')],
  [/\/dockerode\/lib\/buildkit\.js$/, notBundled('BuildKit')],
  [/\/docker-modem\/lib\/ssh\.js$/, notBundled('the ssh transport')],
  [/\/tar-fs\/index\.js$/, notBundled('making a build context')],
  [/\/@balena\/dockerignore\/.*\.js$/, notBundled('making a build context')],
  [/\/readable-stream\/readable\.js$/, "module.exports = require('node:stream');"],
  [/\/debug\/src\/index\.js$/, 'module.exports = () => () => undefined;'],
];

/**
 * Bundles the entries of `input` (name → file, relative to `root`) and all their npm dependencies into ES modules for
 * Node 20.19; what is imported dynamically becomes a chunk of its own. Resolves to rolldown's chunks (`fileName`,
 * `code`). The same sources give the same bytes. A warning of the bundler is an error: nothing is left out silently.
 */
export async function bundle({ root, input }) {
  const build = await rolldown({
    cwd: root,
    input,
    platform: 'node',
    transform: {
      target: 'node20.19',
      define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' },
    },
    plugins: [replaceModules()],
    onLog(level, log) {
      if (level === 'warn') throw new Error(log.message);
    },
  });
  try {
    const { output } = await build.generate({
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: ({ facadeModuleId, name }) => `chunks/${packageOf(facadeModuleId) ?? name}-[hash].js`,
    });
    const stray = output.find(({ type }) => type !== 'chunk');
    if (stray) throw new Error(`the bundler made an asset that nothing would find: ${stray.fileName}`);
    return output;
  } finally {
    await build.close();
  }
}

function notBundled(what) {
  return `module.exports = () => { throw new Error('${what} is not bundled with aac'); };`;
}

function replaceModules() {
  return {
    name: 'replace-modules',
    load: {
      filter: { id: replacements.map(([file]) => file) },
      handler: (id) => replacements.find(([file]) => file.test(id))?.[1],
    },
  };
}

/** `@scope/name` of the npm package a module belongs to, with the slash made a dash; `undefined` for our own. */
function packageOf(moduleId) {
  const match = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(moduleId ?? '');
  return match?.[1].replace('/', '-');
}
