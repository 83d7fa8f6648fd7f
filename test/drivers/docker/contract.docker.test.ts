import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDockerDriver } from '../../../src/drivers/docker/docker-driver.ts';
import { describeDriverContract, type Behaviour } from '../../contract/driver-contract.ts';
import {
  describeDocker,
  dockerClient,
  dockerEnvironment,
  removeWorkspace,
  uniqueWorkspace,
} from '../../support/docker.ts';

/** A shell that does what is asked of it; it sleeps in the background, so that it hears a signal at once. */
function script({ prints = [], exits, onStop = 143 }: Behaviour): string {
  const said = prints.map((line) => `echo '${line}'`).join('; ');
  const trap = onStop === 'ignores' ? "trap '' TERM" : `trap 'exit ${String(onStop)}' TERM`;
  const end = exits === undefined ? 'while :; do sleep 1 & wait $!; done' : `exit ${String(exits)}`;
  return [trap, said, end].filter(Boolean).join('; ');
}

describeDocker('on a real engine', () => {
  describeDriverContract('docker', {
    open: async () => {
      const root = await mkdtemp(join(tmpdir(), 'aac-contract-'));
      await mkdir(join(root, 'data'));
      const workspace = uniqueWorkspace('contract');
      const otherWorkspace = uniqueWorkspace('other');
      return {
        driver: createDockerDriver({ environment: dockerEnvironment() }),
        workspace,
        otherWorkspace,
        root,
        [Symbol.asyncDispose]: async () => {
          for (const name of [workspace, otherWorkspace]) await removeWorkspace(dockerClient(), name);
          await rm(root, { recursive: true, force: true });
        },
      };
    },
    agent: (behaviour) => ({ command: ['sh', '-c', script(behaviour)] }),
    sample: {
      args: ['one', 'two words'],
      workingDir: '/srv',
      environment: { LOG_LEVEL: 'debug', EMPTY: '' },
      ports: { '8080/tcp': { host: 0, hostIp: '127.0.0.1' }, '9000/udp': { host: 0, hostIp: '0.0.0.0' } },
      volumes: [
        { type: 'bind', source: './data', target: '/data', readOnly: true, create: false },
        { type: 'bind', source: './made/on/demand', target: '/made', readOnly: false, create: true },
        { type: 'volume', source: 'cache', target: '/cache', readOnly: false },
      ],
      labels: { team: 'desk', 'example.com/tier': 'front' },
      healthCheck: {
        type: 'command',
        command: ['true'],
        interval: 30_000,
        startInterval: 1_000,
        timeout: 10_000,
        retries: 3,
        startPeriod: 5_000,
        successThreshold: 2,
        onUnhealthy: 'restart',
      },
      resources: {
        limits: { cpu: 5e8, memory: 64 * 2 ** 20, pids: 100 },
        requests: { cpu: 1e8, memory: 32 * 2 ** 20 },
      },
      restartPolicy: { name: 'on-failure', maxRetries: 3 },
      stop: { signal: 'SIGTERM', gracePeriod: 1_500 },
      logging: { maxSize: 2 ** 20, maxFiles: 2 },
    },
    checkCommand: (exitCode) => [exitCode === 0 ? 'true' : 'false'],
    // an engine changes no environment: another container with the same name and labels stands in for that
    changeValue: async (_ground, seen, name, value) => {
      const docker = dockerClient();
      const { Config, HostConfig } = await docker.getContainer(seen.ref).inspect();
      await docker.getContainer(seen.ref).remove({ force: true });
      const Env = Config.Env.map((entry) => (entry.startsWith(`${name}=`) ? `${name}=${value}` : entry));
      await docker.createContainer({ name: seen.name, ...Config, Env, HostConfig });
    },
  });
});
