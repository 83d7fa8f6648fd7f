import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import Docker from 'dockerode';
import { run } from './measure.mjs';

const rounds = 5;
const secondsEach = 2;
const atOnce = 8;

/** An agent that answers at once, published by itself or, as it is to be replaced one by one, by the edge. */
function server(name, port) {
  return `apiVersion: agent.dev/v1
kind: Agent
metadata:
  name: ${name}
spec:
  image: aac-test/node:20
  imagePullPolicy: Never
  command: [node, -e, "require('http').createServer((q, s) => s.end('well')).listen(8080)"]
  ports:
    - { container: 8080, host: ${String(port)} }
  deployment:
    strategy: ${name === 'shared' ? 'rolling' : 'recreate'}
  healthCheck: { type: http, path: /, port: 8080, startInterval: 100ms }
  stop:
    gracePeriod: 0s
`;
}

/**
 * Asks one server directly and one through the edge, in turns, over connections that stay and with a connection each,
 * and answers how the two compare, and what the edge takes of memory after that. Fails when a request does.
 */
export async function edgeCost({ aac, folder, environment }) {
  const workspace = `bench-edge-${String(process.pid)}`;
  const project = join(folder, workspace);
  const ports = { direct: await freePort(), shared: await freePort() };
  mkdirSync(project);
  writeFileSync(
    join(project, 'aac.yaml'),
    `apiVersion: agent.dev/v1
kind: Project
metadata:
  name: ${workspace}
spec:
  edge: { image: "aac-test/node:20" }
`,
  );
  for (const [name, port] of Object.entries(ports))
    writeFileSync(join(project, `${name}.agent.yaml`), server(name, port));
  const command = (name, ...options) => ({ name, parameters: [aac, name, project, ...options], environment });
  run(command('apply', '--auto-approve'));
  try {
    const rows = [];
    for (const [what, keepAlive] of [
      ['connections that stay', true],
      ['a connection for each request', false],
    ]) {
      const results = { direct: [], shared: [] };
      for (let round = 0; round < rounds; round += 1) {
        for (const name of Object.keys(ports)) results[name].push(await load(ports[name], keepAlive));
      }
      const [direct, shared] = Object.values(results).map(middle);
      const added = (name) => `${(shared[name] - direct[name]).toFixed(2)} ms`;
      rows.push([
        `through the edge, ${what}, ${String(atOnce)} at once`,
        `${(shared.rate / direct.rate).toFixed(2)} × the ${direct.rate.toFixed(0)} requests a second of the published port; ` +
          `${added('p50')} more at the median, ${added('p99')} at the 99th percentile`,
        '',
      ]);
    }
    return [...rows, ['memory of the edge after that', await edgeMemory(environment, workspace), '']];
  } finally {
    run(command('destroy', '--auto-approve'));
  }
}

/** Requests a second, and milliseconds that requests took, of as many as go one after the other in a while. */
async function load(port, keepAlive) {
  const agent = new Agent({ keepAlive, maxSockets: atOnce });
  const times = [];
  const started = performance.now();
  const ends = started + secondsEach * 1000;
  const one = async () => {
    while (performance.now() < ends) {
      const before = performance.now();
      const request = get({ host: '127.0.0.1', port, agent });
      const [response] = await once(request, 'response');
      response.resume();
      await once(response, 'end');
      times.push(performance.now() - before);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  times.sort((left, right) => left - right);
  const at = (share) => times[Math.floor(times.length * share)];
  return { rate: times.length / seconds, p50: at(0.5), p99: at(0.99) };
}

/** The median of each figure. */
function middle(results) {
  const median = (name) => results.map((result) => result[name]).sort((a, b) => a - b)[Math.floor(results.length / 2)];
  return { rate: median('rate'), p50: median('p50'), p99: median('p99') };
}

/** What the program of the edge holds resident, as its own system tells it. */
async function edgeMemory({ DOCKER_HOST: host }, workspace) {
  const docker = new Docker({ socketPath: host.replace(/^unix:\/\//, '') });
  const filters = { label: [`dev.aac.workspace=${workspace}`, 'dev.aac.address=edge/edge'] };
  const [edge] = await docker.listContainers({ filters });
  const script = `const fs = require('fs');
for (const pid of fs.readdirSync('/proc')) {
  if (!/^\\d+$/.test(pid) || Number(pid) === process.pid) continue;
  if (!fs.readFileSync('/proc/' + pid + '/cmdline', 'utf8').startsWith('node')) continue;
  console.log(/VmRSS:\\s+(\\d+)/.exec(fs.readFileSync('/proc/' + pid + '/status', 'utf8'))[1]);
}`;
  const exec = await docker.getContainer(edge.Id).exec({ Cmd: ['node', '-e', script], AttachStdout: true, Tty: true });
  const stream = await exec.start({ Tty: true });
  let text = '';
  stream.on('data', (data) => (text += String(data)));
  await once(stream, 'end');
  return `${(Number(text) / 1024).toFixed(0)} MiB resident`;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
