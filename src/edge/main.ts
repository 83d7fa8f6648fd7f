import { join } from 'node:path';
import { argv, stderr, stdin, stdout } from 'node:process';
import { text } from 'node:stream/consumers';
import { edgeGiven, type EdgeRequest, type InsideOrder } from '../model/edge.ts';
import { connectTo } from './connect.ts';
import { askEdge, serveControl } from './control.ts';
import { Edge } from './edge.ts';
import { followGiven, givenStore, type GivenDocument } from './given-document.ts';
import { runInside } from './inside.ts';
import { probe } from './probe.ts';
import { fileStore, type Store } from './store.ts';
import { followTargets, readTargets } from './targets-folder.ts';

/**
 * The edge as a program: `serve FOLDER [TARGETS WAYS]` is the edge, which keeps its document and its control socket in the
 * folder; where they are given it reads its replicas from a second one, and lets agents out by sockets in a third;
 * `ask FOLDER` passes one request, the JSON document on stdin or the next argument, to the edge that serves there, and
 * prints its answer; `probe HOST PORT [PATH]` asks whether something listens there, or answers there by HTTP;
 * `inside ORDER -- COMMAND` runs a command that has no network but by the edge.
 */
async function main(): Promise<number> {
  const [command, folder = '.', request] = argv.slice(2);
  const socket = join(folder, 'control.sock');
  switch (command) {
    case 'serve':
      await serve(folder, socket, { targets: request, ways: argv[5] });
      return 0;
    case 'ask': {
      const answer = await askEdge(socket, JSON.parse(request ?? (await text(stdin))) as EdgeRequest);
      stdout.write(`${JSON.stringify(answer)}\n`);
      return answer.ok ? 0 : 1;
    }
    case 'inside':
      process.exit(await runInside(JSON.parse(folder) as InsideOrder, argv.slice(5)));
    case 'probe': {
      const problem = await probe(await connectTo(folder, Number(request)), `${folder}:${request ?? ''}`, argv[5]);
      stdout.write(`${problem ?? 'well'}\n`);
      return problem === undefined ? 0 : 1;
    }
    default:
      stderr.write(
        'usage: edge serve FOLDER [TARGETS WAYS] | ask FOLDER [REQUEST] | probe HOST PORT [PATH] | inside ORDER -- COMMAND\n',
      );
      return 2;
  }
}

/** What the engine that keeps the edge gives it; `undefined` where the edge keeps its document itself. */
function givenDocument(): GivenDocument | undefined {
  const { [edgeGiven.variable]: given, AAC_EDGE_RESOLVERS: resolvers } = process.env;
  if (given === undefined) return undefined;
  return { given, file: `${edgeGiven.folder}/${edgeGiven.file}`, resolvers: resolvers?.split(',').filter(Boolean) };
}

/** The replicas are known before the first connection comes. */
function withTargets(store: Store, folder: string): Store {
  return {
    ...store,
    load: async () => ({ ...(await store.load()), targets: await readTargets(folder).catch(() => ({})) }),
  };
}

async function serve(
  folder: string,
  socket: string,
  { targets, ways }: { readonly targets: string | undefined; readonly ways: string | undefined },
): Promise<void> {
  const given = givenDocument();
  const store = given ? givenStore(given) : fileStore(join(folder, 'document.json'));
  const edge = new Edge({
    store: targets === undefined ? store : withTargets(store, targets),
    audit: (decision) => stdout.write(`${JSON.stringify(decision)}\n`),
    tell: (message) => stdout.write(`${message}\n`),
    ...(ways === undefined ? {} : { ways }),
  });
  await edge.start();
  const deaf = edge.deaf().map(([key, reason]) => `${key}: ${reason}`);
  if (deaf.length > 0) {
    await edge[Symbol.asyncDispose]();
    throw new Error(`cannot listen: ${deaf.join(', ')}`);
  }
  const over = new AbortController();
  if (given) void followGiven(given, (document) => edge.handle({ op: 'push', document }), over.signal);
  if (targets !== undefined) void followTargets(targets, (found) => edge.take(found), over.signal);
  const control = await serveControl(socket, (request) => edge.handle(request));
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  over.abort();
  control.close();
  await edge[Symbol.asyncDispose]();
  process.exit(0);
}

try {
  process.exitCode = await main();
} catch (error) {
  stderr.write(`edge: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
