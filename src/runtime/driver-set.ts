import type { DriverName, Project } from '../model/agent.ts';
import type { Driver } from '../drivers/driver.ts';

/** Makes drivers: the only thing the runtime knows of how one is built. */
export interface DriverFactories {
  readonly names: readonly DriverName[];
  /** Loads and builds a driver. Called at most once a name and runtime; costs nothing on the engine. */
  create(name: DriverName, project: Pick<Project, 'docker'>): Promise<Driver>;
}

/** Drivers opened so far, each once; disposing of the set disposes of them all. */
export interface DriverSet extends AsyncDisposable {
  readonly names: readonly DriverName[];
  /** The driver, made at the first call; `undefined` when this aac has none of that name. */
  open(name: DriverName): Promise<Driver | undefined>;
}

/** The set over `factories` for one project. */
export function createDriverSet(factories: DriverFactories, project: Pick<Project, 'docker'>): DriverSet {
  const opened = new Map<DriverName, Promise<Driver>>();
  return {
    names: factories.names,
    open: async (name) => {
      if (!factories.names.includes(name)) return undefined;
      const driver = opened.get(name) ?? factories.create(name, project);
      opened.set(name, driver);
      return driver;
    },
    [Symbol.asyncDispose]: async () => {
      for (const driver of await Promise.allSettled(opened.values())) {
        if (driver.status === 'fulfilled') await driver.value[Symbol.asyncDispose]();
      }
      opened.clear();
    },
  };
}
