import { spawnSync } from 'node:child_process';

/**
 * Runs each command `rounds` times, in turns, so that what the machine does besides meets all alike. Answers, by
 * name, the median wall time of the whole process in milliseconds and what the last run printed. A command that fails
 * ends the benchmark.
 */
export function measure(commands, rounds) {
  const times = new Map(commands.map(({ name }) => [name, []]));
  const outputs = new Map();
  for (let round = 0; round < rounds; round += 1) {
    for (const command of commands) {
      const { milliseconds, stdout } = run(command);
      times.get(command.name).push(milliseconds);
      outputs.set(command.name, stdout);
    }
  }
  return new Map([...times].map(([name, own]) => [name, { milliseconds: median(own), stdout: outputs.get(name) }]));
}

/** Runs one command to its end. `expected` is the exit code it must have, 0 unless told. */
export function run({ name, parameters, environment = {}, expected = 0 }) {
  const started = performance.now();
  const ended = spawnSync(process.execPath, parameters, {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 256 * 1024 * 1024,
  });
  const milliseconds = performance.now() - started;
  if (ended.status !== expected) {
    throw new Error(`${name} ended with ${String(ended.status ?? ended.signal)}\n${ended.stdout}${ended.stderr}`);
  }
  return { milliseconds, stdout: ended.stdout };
}

function median(values) {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)];
}
