// Looks at everything in WATCH again and again, says on port 8080 what it saw, and touches a file after each round.
const { statfsSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:http');

const { INTERVAL, WATCH } = process.env;
const watched = WATCH.split(' ').map((entry) => entry.split(/=(.*)/s));
let rounds = 0;
let seen = {};

async function look(target) {
  if (target.startsWith('/')) {
    const { bavail, blocks } = statfsSync(target);
    return { up: true, freePercent: Math.round((100 * bavail) / blocks) };
  }
  const started = performance.now();
  try {
    const response = await fetch(target, { signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return { up: response.ok, milliseconds: Math.round(performance.now() - started) };
  } catch (error) {
    return { up: false, reason: error.cause?.code ?? error.message };
  }
}

async function round() {
  const entries = await Promise.all(watched.map(async ([name, target]) => [name, await look(target)]));
  const before = seen;
  seen = Object.fromEntries(entries);
  for (const [name, { up }] of entries) {
    if (before[name]?.up !== up) console.log(`${name} is ${up ? 'up' : 'down'}`);
  }
  rounds += 1;
  writeFileSync('/alive', `${rounds}\n`);
  setTimeout(round, Number(INTERVAL));
}

createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(`${JSON.stringify({ rounds, seen })}\n`);
}).listen(8080);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(0));
void round();
