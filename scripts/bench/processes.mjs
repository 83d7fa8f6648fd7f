import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { measure, run } from './measure.mjs';
import { writeAgents } from './write-agents.mjs';

/** An agent that does nothing, as a local process. */
function idleProcess(name) {
  return `apiVersion: agent.dev/v1
kind: Agent
metadata:
  name: ${name}
spec:
  driver: process
  command: [sleep, "3600"]
  stop:
    gracePeriod: 5s
`;
}

/** Starts so many local processes, plans with nothing to do, looks at what their latches take, and stops them. */
export function localProcesses({ aac, folder, bareNode, count }) {
  const workspace = `bench-processes-${String(process.pid)}`;
  const project = join(folder, workspace);
  const environment = { AAC_STATE_DIR: join(folder, 'state') };
  const command = (name, ...options) => ({ name, parameters: [aac, name, project, ...options], environment });
  writeAgents(project, { count, project: workspace, agent: idleProcess });
  const started = run(command('apply', '--auto-approve')).milliseconds;
  let planned, bare, memory, stopped;
  try {
    const times = measure([bareNode, command('plan', '--detailed-exitcode')], 5);
    [bare, planned] = [bareNode.name, 'plan'].map((name) => times.get(name).milliseconds);
    memory = latchMemory(workspace);
  } finally {
    stopped = run(command('destroy', '--auto-approve')).milliseconds;
  }
  const row = (what, milliseconds) => [
    `${what} ${String(count)} local processes`,
    `${(milliseconds / bare).toFixed(2)} ×, ${milliseconds.toFixed(0)} ms`,
    '',
  ];
  return [row('start of', started), row('plan, no change, of', planned), row('stop of', stopped), ...memory];
}

/** What a latch takes, where the system tells it: resident, and its share of what it has in common with others. */
function latchMemory(workspace) {
  if (process.platform !== 'linux') return [];
  const latches = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && isLatch(pid, workspace));
  const total = (name) =>
    latches.reduce((sum, pid) => {
      const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      return sum + Number(new RegExp(`^${name}: +(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
    }, 0);
  const each = (name) => `${(total(name) / latches.length / 1024).toFixed(2)} MiB`;
  return [
    [
      `memory of a latch, of ${String(latches.length)}`,
      `${each('Pss')} proportional, ${each('Rss')} resident`,
      '≤ 4 MiB',
    ],
  ];
}

function isLatch(pid, workspace) {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return (
      environment.includes(`AAC_WORKSPACE=${workspace}`) && environment.some((entry) => entry.startsWith('AAC_LATCH='))
    );
  } catch {
    return false; // it has ended, or is somebody else's
  }
}
