import { fieldPath } from '../../src/model/field-path.ts';
import { createMemoryDriver } from '../../src/drivers/memory/memory-driver.ts';
import { MemoryWorld, type Program } from '../../src/drivers/memory/memory-world.ts';
import type { AgentSpec } from '../../src/model/spec.ts';
import { describeDriverContract, type Behaviour } from './driver-contract.ts';
import type { Ground } from './stage.ts';

interface MemoryGround extends Ground {
  readonly world: MemoryWorld;
}

/** The commands of these agents are their behaviour, written down. */
function programOf(spec: AgentSpec): Program {
  const { prints = [], exits, onStop = 143 } = JSON.parse(spec.command?.[0] ?? '{}') as Behaviour;
  return { prints, onStop, ...(exits === undefined ? {} : { exitCode: exits }) };
}

function worldOf(ground: Ground): MemoryWorld {
  return (ground as MemoryGround).world;
}

describeDriverContract('memory', {
  open: async (): Promise<MemoryGround> => {
    const world = new MemoryWorld({ images: { 'aac-test/busybox:1': 'sha256:1' }, program: programOf });
    return {
      driver: createMemoryDriver({ world }),
      world,
      workspace: 'shop',
      otherWorkspace: 'bank',
      root: '/project',
      [Symbol.asyncDispose]: async () => undefined,
    };
  },
  agent: (behaviour) => ({ command: [JSON.stringify(behaviour)] }),
  sample: {
    args: ['one', 'two words'],
    workingDir: '/srv',
    environment: { LOG_LEVEL: 'debug', EMPTY: '' },
    ports: { '8080/tcp': { host: 0, hostIp: '127.0.0.1' } },
    volumes: [
      { type: 'bind', source: './data', target: '/data', readOnly: true, create: false },
      { type: 'volume', source: 'cache', target: '/cache', readOnly: false },
    ],
    labels: { team: 'desk' },
    resources: { limits: { cpu: 5e8, memory: 64 * 2 ** 20, pids: 100 }, requests: { cpu: 1e8, memory: 32 * 2 ** 20 } },
    restartPolicy: { name: 'on-failure', maxRetries: 3 },
  },
  checkCommand: (exitCode) => ['exit', String(exitCode)],
  setHealth: (ground, seen, exitCode) => worldOf(ground).ail(seen.name, exitCode === 0 ? undefined : 'exit code 1'),
  changeValue: async (ground, seen, name, value) =>
    worldOf(ground).changeField(seen.name, fieldPath('environment', name), value),
});
