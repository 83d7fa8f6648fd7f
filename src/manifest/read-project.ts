import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Agent, DriverName, Project } from '../model/agent.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { isReference, type ValueReader } from '../model/reference.ts';
import { compareCodeUnits } from '../util/compare.ts';
import { checkReferences, withKeys } from './check-references.ts';
import { checkSchedules } from './check-schedules.ts';
import { gather } from './gather.ts';
import { gatherProfiles } from './gather-profiles.ts';
import type { Variables } from './interpolate.ts';
import { load, type Instead, type Loaded } from './load.ts';
import { locate } from './locate.ts';
import { isProjectFile, projectFileNames } from './manifest-names.ts';
import { parse, type ParsedDocument } from './parse.ts';
import type { Layer } from './resolve/layers.ts';
import { resolveProject } from './resolve/resolve-project.ts';
import { resolveAgents, type Resolution } from './resolve/resolve.ts';
import { openSources, type KeyReference } from './sources/value-sources.ts';
import { createSourceFile, type SourceFile } from './source-file.ts';
import { nameOf, validate, type Validation } from './validate.ts';
import { reveal, sensitiveValues, valueReader } from './values.ts';

/** A project as its manifests describe it, and everything that is wrong with them. */
export interface ProjectReading {
  /** Always there, with errors too. */
  readonly project: Project;
  /** What runs the agents that say nothing of it, where the project does. */
  readonly driver?: DriverName;
  /** Only those without errors, ordered by name. */
  readonly agents: readonly Agent[];
  /** Set when the path asked for a part: the agents and the manifests, relative to the project root, it names. */
  readonly selection?: { readonly agents: ReadonlySet<string>; readonly manifests: ReadonlySet<string> };
  /** Of all files, ordered by file and position; what belongs to no file comes first. */
  readonly diagnostics: readonly Diagnostic[];
  /** Texts of the files that ranges name, for snippets. */
  readonly texts: ReadonlyMap<string, string>;
  readonly values: ValueReader;
  /**
   * Reads the secrets and configs that the agents refer to, or only those of these kinds: an error at its line for each
   * that is not to be had. Nothing of them is read before.
   */
  readonly checkReferences: (kinds?: readonly KeyReference['from'][]) => Promise<readonly Diagnostic[]>;
  /**
   * What must never be printed: values behind the agents' references, the variables in them, and the secrets that were
   * read so far.
   */
  readonly sensitive: () => readonly string[];
}

/** Where the command was started and what it may see. */
export interface ReadOptions {
  readonly cwd: string;
  readonly environment: Variables;
  /** Wins over the drivers that manifests name. */
  readonly driver?: DriverName;
  readonly signal?: AbortSignal;
  /** Texts to read in place of files. */
  readonly instead?: Instead;
  /** Reads this one agent of the project instead of those in its files, which need not even be valid. */
  readonly only?: ParsedDocument;
}

/** Reads the project that `path` belongs to. Whatever is wrong is a diagnostic; it throws when aborted. */
export async function readProject(path: string, options: ReadOptions): Promise<ProjectReading> {
  const loaded = options.only ? onlyProject(await load(path, options)) : await load(path, options);
  const { validation, diagnostics } = checkShape(loaded.files, options.only);
  const resolvedProject = resolveProject(loaded.scope, projectOf(validation));
  const { project, envFiles, schedules } = resolvedProject;
  const [gathered, profiles, scheduleErrors] = await Promise.all([
    gather(project.root, envFiles, options.environment),
    gatherProfiles(project.root, specLayers(validation, resolvedProject.defaults)),
    checkSchedules(schedules),
  ]);
  const { variables } = gathered;
  const { driver } = options;
  const resolution = isProjectKnown(loaded, validation)
    ? resolveAgents(validation.agents, { project: resolvedProject, variables, profiles, driver })
    : nothingResolved;
  const selection = selectionOf(loaded, validation);
  const sources = openSources(project, variables, options.signal);
  const agents = await Promise.all(resolution.agents.map((agent) => withKeys(agent, sources)));
  let ofVariables: readonly string[] | undefined;
  const usual = resolvedProject.defaults?.spec.driver ?? resolvedProject.driver;
  return {
    project,
    ...(usual ? { driver: usual } : {}),
    agents,
    ...(selection ? { selection } : {}),
    diagnostics: ordered([
      ...loaded.diagnostics,
      ...diagnostics,
      ...projectErrors(loaded, validation, diagnostics),
      ...project.diagnostics,
      ...gathered.diagnostics,
      ...scheduleErrors,
      ...resolution.diagnostics,
    ]),
    texts: new Map(
      [...loaded.files, ...(options.only ? [options.only.file] : [])].map((file) => [file.display, file.text]),
    ),
    values: valueReader(variables, sources),
    checkReferences: async (kinds = ['secret', 'config']) => ordered(await checkReferences(agents, sources, kinds)),
    sensitive: () => {
      ofVariables ??= sensitiveOf(agents, variables, resolution.publicVariables);
      return [...ofVariables, ...sensitiveValues(sources.revealed())];
    },
  };
}

/** For a saved plan: the value reader alone, and the values it has handed out so far. */
export async function readValues(
  projectDirectory: string,
  environment: Variables,
): Promise<{ readonly values: ValueReader; readonly sensitive: () => readonly string[] }> {
  const file = await projectFile(projectDirectory);
  const { validation } = checkShape(file ? [file] : []);
  const scope = { type: 'project', directory: projectDirectory } as const;
  const { project, envFiles } = resolveProject(scope, projectOf(validation));
  const { variables } = await gather(projectDirectory, envFiles, environment);
  const sources = openSources(project, variables);
  const handedOut = new Set<string>();
  const values = valueReader(variables, sources, ({ sensitive }) => {
    for (const value of sensitive) handedOut.add(value);
  });
  return { values, sensitive: () => sensitiveValues([...handedOut, ...sources.revealed()]) };
}

/** Every spec that is written, the project's defaults among them. */
function specLayers({ agents }: Validation, defaults: Layer | undefined): readonly Pick<Layer, 'document' | 'spec'>[] {
  const own = agents.flatMap(({ document, written }) => (written?.spec ? [{ document, spec: written.spec }] : []));
  return defaults ? [...own, defaults] : own;
}

const nothingResolved: Resolution = { agents: [], diagnostics: [], publicVariables: new Set() };

/** Agents whose project cannot be made out would be told of much that is only missing there. */
function isProjectKnown({ scope }: Loaded, validation: Validation): boolean {
  return scope.type === 'directory' || projectOf(validation)?.written !== undefined;
}

/** What is loaded, without the agents. */
function onlyProject(loaded: Loaded): Loaded {
  return {
    scope: loaded.scope,
    files: loaded.files.filter(({ path }) => isProjectFile(path)),
    diagnostics: loaded.diagnostics.filter(({ code }) => code !== 'no-manifests'),
  };
}

function checkShape(
  files: readonly SourceFile[],
  only?: ParsedDocument,
): {
  readonly validation: Validation;
  readonly diagnostics: readonly Diagnostic[];
} {
  const parsed = files.map(parse);
  const validation = validate([...parsed.flatMap(({ documents }) => documents), ...(only ? [only] : [])]);
  return { validation, diagnostics: [...parsed.flatMap((file) => file.diagnostics), ...validation.diagnostics] };
}

async function projectFile(directory: string): Promise<SourceFile | undefined> {
  for (const name of projectFileNames) {
    const text = await readFile(join(directory, name), 'utf8').catch(() => undefined);
    if (text !== undefined) return createSourceFile(name, name, text);
  }
  return undefined;
}

/** The project that counts: the first in a file of its name. */
function projectOf({ projects }: Validation): Validation['projects'][number] | undefined {
  return projects.find(({ document }) => isProjectFile(document.file.path));
}

/** Projects that are not where they count, and a project file without one. */
function projectErrors(
  { files, scope }: Loaded,
  validation: Validation,
  shape: readonly Diagnostic[],
): readonly Diagnostic[] {
  const own = projectOf(validation);
  const stray = validation.projects.filter((checked) => checked !== own);
  const errors: Diagnostic[] = stray.map(({ document }) => ({
    ...(isProjectFile(document.file.path)
      ? { code: 'several-projects', message: 'a file describes one project', hint: 'take this one out' }
      : {
          code: 'invalid-value',
          message: '`kind: Project` belongs into a file of its own',
          hint: `move it to \`aac.yaml\` at the root of the project`,
        }),
    severity: 'error',
    range: locate({ document, path: ['kind'] }),
  }));
  const file = files.find(({ path }) => isProjectFile(path));
  const isTold = file && shape.some(({ range }) => range?.file === file.display);
  if (scope.type === 'directory' || own || !file || isTold) return errors;
  return [
    ...errors,
    {
      code: 'missing-field',
      severity: 'error',
      message: `\`${file.display}\` describes no project`,
      hint: 'begin it with `apiVersion: agent.dev/v1` and `kind: Project`',
      range: file.range(0, 0),
    },
  ];
}

function selectionOf({ files, isSelected }: Loaded, { agents }: Validation): ProjectReading['selection'] {
  if (!isSelected) return undefined;
  const manifests = files.map(({ path }) => path).filter(isSelected);
  const selected = agents.filter(({ document }) => isSelected(document.file.path));
  return {
    agents: new Set(selected.flatMap(({ document }) => nameOf(document) ?? [])),
    manifests: new Set(manifests),
  };
}

/** What came from a project's defaults is found once for every agent, and told once. */
function ordered(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  const placeOf = ({ range }: Diagnostic): string => range?.file ?? '';
  return diagnostics
    .filter((diagnostic) => {
      const { code, message, range } = diagnostic;
      const key = [placeOf(diagnostic), String(range?.start.offset), code, message].join('\n');
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    })
    .sort(
      (left, right) =>
        compareCodeUnits(placeOf(left), placeOf(right)) ||
        (left.range?.start.offset ?? 0) - (right.range?.start.offset ?? 0) ||
        compareCodeUnits(left.message, right.message),
    );
}

function sensitiveOf(
  agents: readonly Agent[],
  variables: Variables,
  publicVariables: ReadonlySet<string>,
): readonly string[] {
  const shown = new Set([...publicVariables].map((name) => variables[name]));
  const references = agents.flatMap(({ environment, secrets }) => [
    ...Object.values(environment).filter(isReference),
    ...secrets.map(({ reference }) => reference),
  ]);
  const values = references.flatMap((reference) => reveal(reference, variables)?.sensitive ?? []);
  return sensitiveValues(values.filter((value) => !shown.has(value)));
}
