import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProcessDriver } from '../../../src/drivers/process/process-driver.ts';
import { createPsSystem } from '../../../src/drivers/process/ps-system.ts';
import type { System } from '../../../src/drivers/process/system.ts';
import { describeDriverContract, type Behaviour, type DriverHarness } from '../../contract/driver-contract.ts';
import type { Ground } from '../../contract/stage.ts';

let opened = 0;

async function open(system?: System): Promise<Ground> {
  const root = await mkdtemp(join(tmpdir(), 'aac-contract-'));
  const workspace = `contract-${String(process.pid)}-${String(opened++)}`;
  return {
    driver: createProcessDriver({
      stateFolder: (of) => join(root, 'state', of),
      environment: process.env,
      ...(system ? { system } : {}),
    }),
    workspace,
    otherWorkspace: `${workspace}-other`,
    root,
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

/** A script that behaves so: it prints, and then ends or waits for a signal. */
function scriptOf({ prints = [], exits, onStop }: Behaviour): string {
  const trap =
    onStop === undefined ? '' : onStop === 'ignores' ? "trap '' TERM;" : `trap 'exit ${String(onStop)}' TERM;`;
  const lines = prints.map((line) => `echo '${line}';`).join(' ');
  const end = exits === undefined ? 'while :; do sleep 0.05; done' : `exit ${String(exits)}`;
  return `${trap} ${lines} ${end}`;
}

const harness: Omit<DriverHarness, 'open'> = {
  agent: (behaviour) => ({ command: ['/bin/sh', '-c', scriptOf(behaviour)] }),
  sample: {
    args: ['one', 'two words'],
    workingDir: '.',
    environment: { LOG_LEVEL: 'debug', EMPTY: '' },
    ports: { '8080/tcp': { host: 0, hostIp: '127.0.0.1' }, '9090/udp': { host: 0, hostIp: '0.0.0.0' } },
    labels: { team: 'desk' },
    restartPolicy: { name: 'on-failure', maxRetries: 3 },
    stop: { signal: 'SIGINT', gracePeriod: 2_000 },
    healthCheck: {
      type: 'http',
      path: '/health',
      port: 8080,
      interval: 30_000,
      startInterval: 1_000,
      timeout: 10_000,
      retries: 3,
      startPeriod: 5_000,
      successThreshold: 1,
      onUnhealthy: 'restart',
    },
  },
  named: { replicas: { count: 2 }, ports: { '80/tcp': { host: 8080, hostIp: '127.0.0.1' } } },
  checkCommand: (exitCode) => ['/bin/sh', '-c', `exit ${String(exitCode)}`],
};

describeDriverContract('process', { ...harness, open: () => open() });
describeDriverContract('process (with `ps`)', { ...harness, open: () => open(createPsSystem(process.platform)) });
