import { agentText, type SpecFields } from './manifests.ts';
import { docker } from './engine-view.ts';
import { labels } from '../../src/model/labels.ts';
import type { Rig } from '../support/rig.ts';
import { eventually } from '../contract/stage.ts';

const node = { driver: 'docker', image: 'aac-test/node:20', imagePullPolicy: 'Never' } as const;

/**
 * Answers with its version and how often its own connection to the client was cut. It stops as a good server does:
 * what is connected is asked to come again, and nothing is refused that is on its way.
 */
const server = `
const http = require('node:http'), net = require('node:net');
let stopping = false, cuts = 0;
const answer = (request, response) => {
  if (stopping) response.setHeader('Connection', 'close');
  setTimeout(() => response.end(process.env.VERSION + ' ' + cuts), request.url === '/slow' ? 500 : 5);
};
const connect = () => {
  const socket = net.connect(7000, 'client');
  socket.on('connect', () => { setInterval(() => socket.write('.'), 20); socket.on('close', () => cuts++); });
  socket.on('error', () => socket.connecting || setTimeout(connect, 100));
};
connect();
if (process.env.VERSION !== 'broken') http.createServer(answer).listen(8080);
process.on('SIGTERM', () => { stopping = true; setTimeout(() => process.exit(0), 1000); });
`;

/** About 100 requests a second by name: mostly a connection each, some slow, some over connections that stay. */
const client = `
const http = require('node:http');
require('node:net').createServer((socket) => socket.on('data', (bytes) => socket.write(bytes)).on('error', () => {})).listen(7000);
const seen = {}, failed = {}, agent = new http.Agent({ keepAlive: true });
let count = 0;
const ask = (path, options) => {
  const request = http.get({ host: 'web', port: 8080, path, agent: false, ...options }, (response) => {
    let text = '';
    response.on('data', (part) => (text += part)).on('end', () => { count++; seen[text] = (seen[text] ?? 0) + 1; });
  });
  request.on('error', (error) => { const kind = path + ' ' + error.code; failed[kind] = (failed[kind] ?? 0) + 1; });
};
setInterval(() => ask('/'), 14);
setInterval(() => ask('/slow'), 100);
setInterval(() => ask('/', { agent }), 50);
setInterval(() => console.log(JSON.stringify({ count, seen, failed })), 200);
`;

/** What the client has seen so far: how many answers, how many of each, and what went wrong. */
export interface Load {
  readonly count: number;
  /** By what the answers say: `v1 0` is version 1, whose own connection was never cut. */
  readonly seen: Readonly<Record<string, number>>;
  readonly failed: Readonly<Record<string, number>>;
}

/** The manifest of the agent that is rolled. */
export function web(version: string, fields: SpecFields = {}): string {
  return agentText('web', {
    ...node,
    command: ['node', '-e', server],
    environment: [{ name: 'VERSION', value: version }],
    healthCheck: {
      command: ['sh', '-c', 'timeout 1 wget -q -O /dev/null http://127.0.0.1:8080/'],
      timeout: '2s',
      interval: '1s',
      startInterval: '100ms',
      startPeriod: '1s',
      retries: 3,
    },
    stop: { gracePeriod: '5s' },
    ...fields,
  });
}

/** The manifest of the agent that calls it all the time. */
export const caller = agentText('client', {
  ...node,
  command: ['node', '-e', client],
  dependsOn: [{ agent: 'web', condition: 'healthy' }],
  stop: { gracePeriod: '0s' },
});

/** What the client has seen, once it is as wanted. */
export async function loadOf(rig: Rig, wanted: (load: Load) => boolean): Promise<Load> {
  const [found] = await containersOf(rig, 'client');
  return eventually(async () => {
    const log = await docker()
      .getContainer(found?.Id ?? '')
      .logs({ stdout: true, tail: 1 });
    const text = log.toString('utf8');
    return JSON.parse(text.slice(text.indexOf('{')) || '{"count":0,"seen":{},"failed":{}}') as Load;
  }, wanted);
}

/** How many answers came with a version. */
export function answersOf({ seen }: Load, version: string): number {
  return Object.entries(seen).reduce((sum, [text, count]) => sum + (text.startsWith(`${version} `) ? count : 0), 0);
}

/** The containers of an agent, whatever their state. */
export async function containersOf(rig: Rig, agent: string) {
  const all = await docker().listContainers({
    all: true,
    filters: { label: [`${labels.workspace}=${rig.workspace}`] },
  });
  return all.filter(({ Labels }) => Labels[labels.address]?.startsWith(`agent/${agent}/`));
}
