#!/usr/bin/env node
// Prints what aac costs, as ratios to a bare `node -e 0` of the same run, beside what it is meant to cost. Fails only
// when something does not work, never for being slow. Docker is measured where `scripts/engine` finds or starts it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { bundle } from './bundle.mjs';
import { measure, run } from './bench/measure.mjs';
import { edgeCost } from './bench/edge.mjs';
import { logRate } from './bench/logs.mjs';
import { savedToEngine } from './bench/watch.mjs';
import { localProcesses } from './bench/processes.mjs';
import { watchInMemory } from './bench/watch-in-memory.mjs';
import { idleAgent, typicalAgent, writeAgents } from './bench/write-agents.mjs';

const root = dirname(import.meta.dirname);
const aac = join(root, 'bin', 'aac');
const engine = join(root, 'scripts', 'engine');
const folder = mkdtempSync(join(tmpdir(), 'aac-bench-'));
const bareNode = { name: 'bare', parameters: ['-e', '0'] };

try {
  const processes = localProcesses({ aac, folder, bareNode, count: 200 });
  const inMemory = watchInMemory({ entry: await writeBundle('scripts/bench/watch-in-memory.ts'), folder, agents: 200 });
  const rows = [...startUp(), ...(await plansOfRecordings()), ...processes, ...inMemory, ...(await onDocker())];
  console.log(`Node ${process.version}, ${String(cpus().length)} × ${cpus()[0]?.model ?? 'unknown processor'}\n`);
  console.log('| what, in whole processes | measured | target |\n|---|---|---|');
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function startUp() {
  const times = measure([bareNode, { name: 'version', parameters: [aac, '--version'] }], 21);
  const bare = times.get('bare').milliseconds;
  return [
    ['bare `node -e 0`', milliseconds(bare), ''],
    ['`aac --version`', ratio(times.get('version').milliseconds, bare), '≤ 1.3 ×'],
  ];
}

/** Plans with nothing to do, of many agents in as many files, against an observation that was recorded before. */
async function plansOfRecordings() {
  const entry = await writeBundle('scripts/bench/plan-recorded.ts');
  const commands = [10, 100, 1000].map((count) => {
    const project = join(folder, `recorded-${String(count)}`);
    const environment = { AAC_STATE_DIR: join(folder, 'state') };
    const command = { name: String(count), parameters: [entry, project, `${project}.recording`], environment };
    writeAgents(project, { count, project: `bench-recorded-${String(count)}`, agent: typicalAgent });
    run({ ...command, parameters: [...command.parameters, '--record'] });
    return command;
  });
  const measured = measure([bareNode, ...commands], 7);
  const time = (name) => measured.get(name).milliseconds;
  const reports = commands.map(({ name }) => JSON.parse(measured.get(name).stdout));
  if (reports.some(({ changes }) => changes !== 0)) throw new Error('a recorded plan was to have no changes');
  return [
    ['plan of 10 agents, no change, recorded observation', ratio(time('10'), time('bare')), ''],
    ['plan of 100 agents, the same', ratio(time('100'), time('bare')), ''],
    ['plan of 1,000 agents, the same', ratio(time('1000'), time('bare')), '≤ 18 ×, then 8 ×'],
    ['time(1,000) / time(100), planning', ratio(time('1000'), time('100')), '≤ 12 ×'],
    ['peak memory of the 1,000-agent plan', `${(reports.at(-1).peak / 1024).toFixed(0)} MiB`, '≤ 130 MiB'],
  ];
}

/** On a real engine: an apply of 50 agents, and plans with nothing to do. */
async function onDocker() {
  const up = spawnSync(engine, ['up', '--for', String(process.pid)], { encoding: 'utf8' });
  if (up.status !== 0) return [[`live Docker: not measured, ${up.stderr.trim().split('\n').at(-1)}`, '', '']];
  try {
    const environment = { AAC_STATE_DIR: join(folder, 'state'), DOCKER_HOST: up.stdout.trim().split('\n').at(-1) };
    const projects = [10, 50].map((count) => {
      const project = join(folder, `live-${String(count)}`);
      writeAgents(project, { count, project: `bench-${String(process.pid)}-${String(count)}`, agent: idleAgent });
      const command = (name, ...options) => ({ name, parameters: [aac, name, project, ...options], environment });
      return { count, command };
    });
    try {
      const applies = projects.map(({ command }) => run(command('apply', '--auto-approve')).milliseconds);
      const plans = projects.map(({ count, command }) => ({
        ...command('plan', '--detailed-exitcode'),
        name: String(count),
      }));
      const times = measure([bareNode, ...plans], 9);
      const bare = times.get('bare').milliseconds;
      return [
        ['plan of 10 agents, no change, live Docker', ratio(times.get('10').milliseconds, bare), '≤ 3 ×'],
        [
          'plan of 50 agents, no change, live Docker',
          `${ratio(times.get('50').milliseconds, bare)}, ${milliseconds(times.get('50').milliseconds)}`,
          '≤ 3 ×, then 2 ×, of `docker compose up -d` with nothing to do',
        ],
        [
          'cold apply of 50 agents, live Docker',
          `${ratio(applies[1], bare)}, ${milliseconds(applies[1])}`,
          '≤ 0.85 × of `docker compose up -d`',
        ],
        ...logRate({ aac, folder, environment, lines: 1_000_000 }),
        ...(await savedToEngine({ aac, folder, environment })),
        ...(await edgeCost({ aac, folder, environment })),
      ];
    } finally {
      for (const { command } of projects) run(command('destroy', '--auto-approve'));
    }
  } finally {
    spawnSync(engine, ['release', String(process.pid)]);
  }
}

/** Bundles a program as the build does, and answers the file to run. */
async function writeBundle(input) {
  const chunks = await bundle({ root, input: { program: input } });
  const target = join(folder, 'program');
  for (const { fileName, code } of chunks) {
    mkdirSync(dirname(join(target, fileName)), { recursive: true });
    writeFileSync(join(target, fileName), code);
  }
  writeFileSync(join(target, 'package.json'), '{ "type": "module" }');
  return join(target, 'program.js');
}

function ratio(part, whole) {
  return `${(part / whole).toFixed(2)} ×`;
}

function milliseconds(value) {
  return `${value.toFixed(0)} ms`;
}
