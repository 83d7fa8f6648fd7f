import { join } from 'node:path';
import { run } from './measure.mjs';
import { writeAgents } from './write-agents.mjs';

const idleFor = 65; // seconds, so that a look that the supervisor takes without any hint is among it
const [few, many] = [1_000, 10_000];

/** The rows for the table: a watch's heap after many runs against after few, and what one costs that has nothing to do. */
export function watchInMemory({ entry, folder, agents }) {
  const watch = (name, count, ...parameters) => {
    const project = join(folder, name);
    writeAgents(project, { count, project: name, agent: memoryAgent });
    const environment = { AAC_STATE_DIR: join(folder, 'state') };
    return JSON.parse(run({ name, parameters: ['--expose-gc', entry, project, ...parameters], environment }).stdout);
  };
  const [early, late] = watch('bench-heap', 3, 'runs', String(few), String(many));
  const { share, resident } = watch('bench-idle', agents, 'idle', String(idleFor));
  return [
    [
      `heap of a watch after 10,000 reconciles, against after 1,000 (${mebibytes(early.heap)})`,
      `${(late.heap / early.heap).toFixed(2)} ×`,
      '≤ 1.1 ×',
    ],
    [
      `idle \`aac watch\` over ${String(agents)} agents of an engine that tells what happens`,
      `${(share * 100).toFixed(2)} % of a core, ${mebibytes(resident)} resident`,
      '≤ 1 %',
    ],
  ];
}

function memoryAgent(name) {
  return `apiVersion: agent.dev/v1
kind: Agent
metadata:
  name: ${name}
spec:
  driver: memory
  command: [sleep, "3600"]
`;
}

function mebibytes(bytes) {
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}
