// Runs an agent, reads what it prints, measures it, runs a command in it, and takes it away again.
// node program.js                    as a local process
// node program.js docker busybox:1   as a container
import { createRuntime } from '@agents-as-code/aac';

const [driver = 'process', image] = process.argv.slice(2);
const interruption = new AbortController();
process.once('SIGINT', () => interruption.abort(new Error('interrupted')));
const { signal } = interruption;

const runtime = createRuntime({ cwd: import.meta.dirname });
const name = 'counter';
const command = ['sh', '-c', 'trap "exit 3" TERM; while :; do n=$((n + STEP)); echo "count $n"; sleep 0.2; done'];

const started = await runtime.run(
  '.',
  { name, driver, command, env: ['STEP=2'], detach: true, ...(image ? { image } : {}) },
  { signal },
);
if (!started.ok) {
  const { error, diagnostics } = started.error;
  for (const { message, hint } of [...diagnostics, ...(error ? [error] : [])])
    console.error(`${message}; ${hint ?? ''}`);
  process.exit(1);
}
const counter = started.value;
console.log(`${counter.agent.address} is ${counter.agent.phase}`);

try {
  let lines = 0;
  for await (const { text } of runtime.logs('.', [name], { follow: true, signal })) {
    console.log(text);
    if (++lines === 3) break;
  }
  for await (const { agents } of runtime.stats('.', [name], { signal })) {
    const [own] = agents;
    if (own?.status === 'measured')
      console.log(`it uses ${Math.ceil(own.usage.memory / 1024)} KiB and ${own.cores} cores`);
    break;
  }
  const answer = await runtime.exec('.', name, { command: ['sh', '-c', 'echo "its step is $STEP"'], signal });
  console.log(answer.ok ? answer.value.stdout.trimEnd() : answer.error.message);

  await runtime.stop('.', [name], { gracePeriod: 5_000 });
  const end = await counter.ended({ signal });
  console.log(end.type === 'exited' ? `it ended with ${end.exitCode}` : `it is ${end.type}`);
} finally {
  await runtime.remove('.', [name], { force: true });
  await counter[Symbol.asyncDispose]();
}
