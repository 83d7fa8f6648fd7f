import type { Instead } from '../manifest/load.ts';
import { readProject, type ProjectReading } from '../manifest/read-project.ts';
import { history, type History } from '../apply/history.ts';
import { readJournal } from '../apply/journal.ts';
import { livingHolder, type LockHolder } from '../apply/lock.ts';
import type { DriverName } from '../model/agent.ts';
import type { DesiredState } from '../model/desired.ts';
import { hasErrors, type Diagnostic } from '../model/diagnostic.ts';
import { stateFolder } from '../model/state-folder.ts';
import { compileProject } from './compile-project.ts';
import { createDriverSet, type DriverFactories, type DriverSet } from './driver-set.ts';
import type { RevisionSource } from './revision-store.ts';

/** What a command runs with: everything that belongs to the machine and the caller. */
export interface Surroundings {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly drivers: DriverFactories;
}

/** The manifests under a path, read and compiled, and the drivers that go with them. */
export interface Workspace extends AsyncDisposable {
  readonly reading: ProjectReading;
  /** Absent when a manifest is invalid: unparsed is not undeclared. */
  readonly desired?: DesiredState;
  /** All that the manifests give cause for, the drivers' objections included. */
  readonly diagnostics: readonly Diagnostic[];
  readonly drivers: DriverSet;
  readonly history: History;
  readonly stateFolder: string;
  /** The `aac watch` that keeps this workspace in sync at the moment. */
  readonly watcher?: LockHolder;
}

/** Reads a directory or file as one workspace. Nothing of any engine is touched. */
export async function openWorkspace(
  path: string,
  surroundings: Surroundings,
  options: { readonly driver?: DriverName; readonly signal: AbortSignal; readonly instead?: Instead },
): Promise<Workspace> {
  const { cwd, environment } = surroundings;
  const reading = await readProject(path, { cwd, environment, ...options });
  const { project, agents } = reading;
  const drivers = createDriverSet(surroundings.drivers, project);
  const compiled = await compileProject(project, agents, drivers);
  const folder = stateFolder(project.workspace, environment);
  const watcher = await livingHolder(folder, 'watch');
  const found = [...reading.diagnostics, ...compiled.diagnostics];
  const diagnostics = watcher ? found.filter(({ code }) => code !== 'unsupervised') : found;
  const directory = project.scope.type === 'directory' ? project.scope.directory : undefined;
  return {
    reading,
    ...(hasErrors(diagnostics) ? {} : { desired: compiled.desired }),
    diagnostics,
    drivers,
    history: history(await readJournal(folder), directory),
    stateFolder: folder,
    ...(watcher ? { watcher } : {}),
    [Symbol.asyncDispose]: () => drivers[Symbol.asyncDispose](),
  };
}

/** What plans of the workspace are made from, for the history. */
export function sourceOf({ desired, reading: { sensitive } }: Pick<Workspace, 'desired' | 'reading'>): RevisionSource {
  return desired ? { desired, sensitive } : 'removal';
}
