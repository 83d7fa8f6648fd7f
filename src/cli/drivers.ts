import { stateFolder } from '../model/state-folder.ts';
import type { DriverFactories } from '../runtime/driver-set.ts';

/** The drivers of this build. Each is loaded only when something asks for it. */
export function driverFactories(environment: Readonly<Record<string, string | undefined>>): DriverFactories {
  return {
    names: ['docker', 'process'],
    create: async (name, project) => {
      switch (name) {
        case 'docker': {
          const { createDockerDriver } = await import('../drivers/docker/docker-driver.ts');
          return createDockerDriver({ environment, ...(project.docker ? { host: project.docker.host } : {}) });
        }
        case 'process': {
          const { createProcessDriver } = await import('../drivers/process/process-driver.ts');
          return createProcessDriver({
            environment,
            stateFolder: (workspace) => stateFolder(workspace, environment),
          });
        }
        case 'kubernetes':
        case 'memory':
          throw new Error(`the ${name} driver is not part of this build`);
      }
    },
  };
}
