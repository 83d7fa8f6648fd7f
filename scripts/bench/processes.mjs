import { spawn } from 'node:child_process';
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
  let planned, bare, memory, idle, stopped;
  try {
    const times = measure([bareNode, command('plan', '--detailed-exitcode')], 5);
    [bare, planned] = [bareNode.name, 'plan'].map((name) => times.get(name).milliseconds);
    memory = latchMemory(workspace);
    idle = idleWatch(command('watch'), count);
  } finally {
    stopped = run(command('destroy', '--auto-approve')).milliseconds;
  }
  const row = (what, milliseconds) => [
    `${what} ${String(count)} local processes`,
    `${(milliseconds / bare).toFixed(2)} ×, ${milliseconds.toFixed(0)} ms`,
    '',
  ];
  return [row('start of', started), row('plan, no change, of', planned), row('stop of', stopped), ...memory, ...idle];
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

/** The processor time of a watch over processes that only go on, once it has settled, resyncs left out. */
function idleWatch({ parameters, environment }, count) {
  if (process.platform !== 'linux') return [];
  const watch = spawn(process.execPath, [...parameters, '--resync', '0 0 1 1 *'], {
    env: { ...process.env, ...environment },
    stdio: 'ignore',
  });
  try {
    sleep(20_000);
    const [before, from] = [cpuSeconds(watch.pid), performance.now()];
    sleep(65_000); // a look that the supervisor takes without any hint is among it
    const share = (cpuSeconds(watch.pid) - before) / ((performance.now() - from) / 1000);
    const resident = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${String(watch.pid)}/status`, 'utf8'))?.[1]);
    return [
      [
        `idle \`aac watch\` over ${String(count)} local processes`,
        `${(share * 100).toFixed(2)} % of a core, ${(resident / 1024).toFixed(1)} MiB resident`,
        '≤ 1 %',
      ],
    ];
  } finally {
    watch.kill('SIGKILL');
  }
}

/** What a process has used, from the kernel's hundredths of a second. */
function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return (user + system) / 100;
}

function sleep(milliseconds) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
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
