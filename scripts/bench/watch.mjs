// How long after a save a watch asks the engine: seen by a socket that stands between the two.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { idleAgent, writeAgents } from './write-agents.mjs';

const debounce = 100;
const calm = 1_500;

/** The row for the table: the median over `saves` saves of a manifest that change nothing, beyond the debounce. */
export async function savedToEngine({ aac, folder, environment, saves = 9 }) {
  const project = join(folder, 'watched');
  const name = `bench-${String(process.pid)}-watch`;
  writeAgents(project, { count: 1, project: name, agent: idleAgent });
  const heard = { at: 0 };
  const socketPath = join(folder, 'watched.sock');
  const engine = environment.DOCKER_HOST.replace(/^unix:\/\//, '');
  const server = createServer((client) => {
    const upstream = connect(engine);
    client.on('data', () => (heard.at ||= performance.now()));
    client.pipe(upstream).pipe(client);
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  });
  server.listen(socketPath);
  await once(server, 'listening');
  const watch = spawn(
    process.execPath,
    [aac, 'watch', project, '--debounce', `${String(debounce)}ms`, '--resync', '0 0 1 1 *'],
    {
      env: { ...process.env, ...environment, DOCKER_HOST: `unix://${socketPath}` },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  try {
    await new Promise((resolve) => {
      watch.stdout.on('data', (text) => {
        if (String(text).includes('Apply complete')) resolve();
      });
    });
    const times = [];
    for (let save = 0; save < saves; save += 1) {
      await delay(calm); // what the last one has set off is over
      heard.at = 0;
      const before = performance.now();
      writeFileSync(join(project, 'aac.yaml'), projectText(name, save));
      while (heard.at === 0 && performance.now() - before < 10_000) await delay(5);
      times.push(heard.at - before - debounce);
    }
    times.sort((left, right) => left - right);
    return [
      ['a saved file to the first engine call, beyond the debounce', `${times[saves >> 1].toFixed(0)} ms`, '≤ 150 ms'],
    ];
  } finally {
    watch.kill('SIGTERM');
    await once(watch, 'exit');
    server.close();
  }
}

function projectText(name, save) {
  return `# save ${String(save)}\napiVersion: agent.dev/v1\nkind: Project\nmetadata: { name: ${name} }\n`;
}
