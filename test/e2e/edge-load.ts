import { Agent, get } from 'node:http';
import { eventually } from '../contract/stage.ts';
import { labels } from '../../src/model/labels.ts';
import type { Rig } from '../support/rig.ts';
import { docker } from './engine-view.ts';
import { agentText, type SpecFields } from './manifests.ts';

/** Answers by version, and what went wrong, of requests that come from outside. */
export interface PortLoad extends AsyncDisposable {
  readonly seen: Readonly<Record<string, number>>;
  readonly failed: Readonly<Record<string, number>>;
  /** Waits until so many more requests have been answered by a version, and nothing else answers. */
  answered(version: string, count: number): Promise<void>;
}

/** About 200 requests a second at a host port, half of them over connections that stay, until it is disposed of. */
export function startLoad(port: number): PortLoad {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const seen: Record<string, number> = {};
  const failed: Record<string, number> = {};
  let open = 0;
  const ask = (kind: string, options: { agent: Agent | false }): void => {
    open += 1;
    const request = get({ host: '127.0.0.1', port, ...options }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => (text += part.toString()));
      response.on('close', () => {
        open -= 1;
        const version = text.split(' ')[0] ?? '';
        seen[version] = (seen[version] ?? 0) + 1;
      });
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      open -= 1;
      const what = `${kind} ${error.code ?? ''}`;
      failed[what] = (failed[what] ?? 0) + 1;
    });
  };
  const timers = [setInterval(() => ask('fresh', { agent: false }), 10), setInterval(() => ask('kept', { agent }), 10)];
  const others = (version: string) =>
    Object.entries(seen).reduce((sum, [name, count]) => sum + (name === version ? 0 : count), 0);
  let disposed: Promise<void> | undefined;
  const dispose = async (): Promise<void> => {
    timers.forEach((timer) => clearInterval(timer));
    await eventually(
      async () => open,
      (now) => now === 0,
    );
    agent.destroy();
  };
  return {
    seen,
    failed,
    answered: async (version, count) => {
      const [own, strange] = [seen[version] ?? 0, others(version)];
      await eventually(
        async () => ({ seen, failed }),
        () => (seen[version] ?? 0) >= own + count,
      );
      if (others(version) > strange) throw new Error(`not \`${version}\` alone answers: ${JSON.stringify(seen)}`);
    },
    [Symbol.asyncDispose]: () => (disposed ??= dispose()),
  };
}

/**
 * Answers with its version, at `/hold` with its own name and a dot now and then for as long as it runs. `broken` listens
 * nowhere. It stops as a good server does: what is connected is asked to come again, and nothing is refused.
 */
const server = `
let stopping = false;
const answer = (request, response) => {
  if (request.url === '/hold') {
    response.write(require('node:os').hostname());
    setInterval(() => response.write('.'), 50);
    return;
  }
  if (stopping) response.setHeader('Connection', 'close');
  response.end(process.env.VERSION + ' ');
};
if (process.env.VERSION !== 'broken') require('node:http').createServer(answer).listen(8080);
process.on('SIGTERM', () => { stopping = true; setTimeout(() => process.exit(0), 300); });
`;

/** The manifest of three replicas that share a host port, and come and go fast. */
export function shared(version: string, port: number, fields: SpecFields = {}): string {
  return agentText('web', {
    driver: 'docker',
    image: 'aac-test/node:20',
    imagePullPolicy: 'Never',
    command: ['node', '-e', server],
    environment: [{ name: 'VERSION', value: version }],
    replicas: 3,
    ports: [{ container: 8080, host: port }],
    healthCheck: { type: 'http', path: '/', port: 8080, interval: '1s', startInterval: '100ms' },
    stop: { gracePeriod: '5s' },
    ...fields,
  });
}

/** The container of the edge. */
export async function edgeOf(rig: Rig) {
  const all = await docker().listContainers({
    all: true,
    filters: { label: [`${labels.workspace}=${rig.workspace}`] },
  });
  return all.filter(({ Labels }) => Labels[labels.address] === 'edge/edge');
}
