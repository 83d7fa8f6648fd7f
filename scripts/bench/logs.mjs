import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { run } from './measure.mjs';
import { writeAgents } from './write-agents.mjs';

const rounds = 3;

/** An agent that prints so many numbered lines and is done. */
function talkative(lines) {
  return (name) => `apiVersion: agent.dev/v1
kind: Agent
metadata:
  name: ${name}
spec:
  image: aac-test/busybox:1
  imagePullPolicy: Never
  command: [seq, "${String(lines)}"]
  restartPolicy: never
  logging:
    maxSize: 512Mi
`;
}

/**
 * Reads the log of one container with `aac logs` and with `docker logs`, in turns, and compares the fastest of each.
 * Fails when a line is missing or out of place.
 */
export function logRate({ aac, folder, environment, lines }) {
  const what = `\`aac logs\` of ${lines.toLocaleString('en')} lines of a container`;
  if (spawnSync('docker', ['--version']).status !== 0)
    return [[`${what}: not measured, there is no docker CLI`, '', '']];
  const workspace = `bench-logs-${String(process.pid)}`;
  const project = join(folder, workspace);
  writeAgents(project, { count: 1, project: workspace, agent: talkative(lines) });
  const command = (name, ...parameters) => ({ name, parameters: [aac, name, ...parameters], environment });
  try {
    run(command('apply', project, '--auto-approve'));
    const listed = docker(environment, 'ps', '-aq', '--filter', `label=dev.aac.workspace=${workspace}`).stdout.trim();
    const expected = Array.from({ length: lines }, (_, index) => `${String(index + 1)}\n`).join('');
    const times = { aac: [], docker: [] };
    for (let round = 0; round < rounds; round += 1) {
      const ours = run(command('logs', '--path', project));
      const theirs = docker(environment, 'logs', listed);
      if (ours.stdout !== expected) throw new Error('`aac logs` has lost, doubled or moved lines');
      times.aac.push(ours.milliseconds);
      times.docker.push(theirs.milliseconds);
    }
    const [ours, theirs] = [Math.min(...times.aac), Math.min(...times.docker)];
    return [
      [
        what,
        `${((lines / ours) * 1000).toFixed(0)} lines/s, ${(theirs / ours).toFixed(2)} × the rate of \`docker logs\``,
        '≥ 0.8 ×',
      ],
    ];
  } finally {
    run(command('destroy', project, '--auto-approve'));
  }
}

function docker(environment, ...parameters) {
  const started = performance.now();
  const ended = spawnSync('docker', parameters, {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 256 * 1024 * 1024,
  });
  if (ended.status !== 0) throw new Error(`docker ${parameters.join(' ')}: ${ended.stderr}`);
  return { milliseconds: performance.now() - started, stdout: ended.stdout };
}
