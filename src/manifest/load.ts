import { isUtf8 } from 'node:buffer';
import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import pLimit from 'p-limit';
import type { Scope } from '../model/agent.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { compareCodeUnits } from '../util/compare.ts';
import { findFiles } from './find-files.ts';
import { isProjectFile, projectFileNames } from './manifest-names.ts';
import { createSourceFile, type SourceFile } from './source-file.ts';

/** The texts of a project. */
export interface Loaded {
  readonly scope: Scope;
  /** In the order of their names. */
  readonly files: readonly SourceFile[];
  /** Set when the path asked for less than the whole: whether a file, relative to the root, is meant. */
  readonly isSelected?: (path: string) => boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** Where the command was started, and what ends it. */
export interface LoadOptions {
  readonly cwd: string;
  readonly signal?: AbortSignal | undefined;
  /** By the name that diagnostics use: read this text in place of the file's own, or with `null` pass the file by. */
  readonly instead?: Instead | undefined;
}

/** Texts that stand in for files. */
export type Instead = ReadonlyMap<string, string | null>;

/** Enough to keep the disk busy, few enough for any limit on open files. */
const filesAtOnce = 32;

/**
 * Reads the manifests of the project that `path`, a file or a directory, belongs to. The nearest project file at or
 * above it decides: its whole directory is read and the path only selects. Without one, a directory is read with all
 * below it, and of a file its directory alone. What cannot be read is told, never taken for absent.
 */
export async function load(path: string, options: LoadOptions): Promise<Loaded> {
  const cwd = await realpath(options.cwd);
  const target = resolve(cwd, path);
  const display = (absolute: string): string => relative(cwd, absolute).split(sep).join('/') || '.';
  const found = await lookUp(target);
  if ('error' in found) {
    const directory = { type: 'directory', directory: dirname(target) } as const;
    return { scope: directory, files: [], diagnostics: [unreadable(path, found.error)] };
  }
  const projectRoot = await findProjectRoot(found.directory);
  const root = projectRoot ?? found.directory;
  const recursive = projectRoot !== undefined || found.file === undefined;
  const search = await findFiles(root, { recursive, signal: options.signal });
  const manifests = new Set(search.manifests);
  if (found.file !== undefined) manifests.add(found.file); // whatever it is called
  const nested = [...manifests].filter((file) => isProjectFile(file) && dirname(file) !== root);
  const inRoot = (absolute: string): string => relative(root, absolute).split(sep).join('/');
  const read = await readAll(
    [...manifests].filter((file) => !nested.includes(file)),
    (file) => ({ path: inRoot(file), display: display(file) }),
    options,
  );
  const diagnostics = [
    ...search.unreadable.map(({ path: at, error }) => unreadable(display(at), error)),
    ...read.diagnostics,
    ...severalProjects(root, projectRoot, [...manifests].filter(isProjectFile), display),
  ];
  const isSelected = selector(found, root, inRoot);
  const selected = read.files.some((file) => isSelected?.(file.path) ?? true);
  if (!selected && diagnostics.length === 0) diagnostics.push(noManifests(path));
  return {
    scope: { type: projectRoot === undefined ? 'directory' : 'project', directory: root },
    files: read.files,
    diagnostics,
    ...(isSelected ? { isSelected } : {}),
  };
}

/** The path's directory, and the file where it is one, links resolved. */
interface Target {
  readonly directory: string;
  readonly file?: string;
}

async function lookUp(target: string): Promise<Target | { readonly error: unknown }> {
  try {
    if ((await stat(target)).isDirectory()) return { directory: await realpath(target) };
    const directory = await realpath(dirname(target));
    return { directory, file: join(directory, basename(target)) };
  } catch (error) {
    return { error };
  }
}

/** The nearest directory, at or above, that has a project file. */
async function findProjectRoot(directory: string): Promise<string | undefined> {
  for (let current = directory; ; current = dirname(current)) {
    for (const name of projectFileNames) {
      if (await isFile(join(current, name))) return current;
    }
    if (dirname(current) === current) return undefined;
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

function selector(
  { directory, file }: Target,
  root: string,
  inRoot: (absolute: string) => string,
): ((path: string) => boolean) | undefined {
  if (file !== undefined) {
    const only = inRoot(file);
    return isProjectFile(file) ? undefined : (path) => path === only;
  }
  if (directory === root) return undefined;
  const prefix = `${inRoot(directory)}/`;
  return (path) => path.startsWith(prefix);
}

async function readAll(
  paths: readonly string[],
  name: (path: string) => { readonly path: string; readonly display: string },
  { signal, instead }: Omit<LoadOptions, 'cwd'>,
): Promise<{ readonly files: readonly SourceFile[]; readonly diagnostics: readonly Diagnostic[] }> {
  const files: SourceFile[] = [];
  const diagnostics: Diagnostic[] = [];
  await pLimit(filesAtOnce).map(paths, async (absolute) => {
    const { path, display } = name(absolute);
    const standIn = instead?.get(display);
    if (standIn !== undefined) {
      if (standIn !== null) files.push(createSourceFile(path, display, standIn));
      return;
    }
    try {
      const content = await readFile(absolute, { signal });
      if (isUtf8(content)) files.push(createSourceFile(path, display, content.toString()));
      else diagnostics.push({ code: 'invalid-yaml', severity: 'error', message: `\`${display}\` is not UTF-8` });
    } catch (error) {
      signal?.throwIfAborted();
      diagnostics.push(unreadable(display, error));
    }
  });
  files.sort((left, right) => compareCodeUnits(left.path, right.path));
  return { files, diagnostics };
}

function severalProjects(
  root: string,
  projectRoot: string | undefined,
  projectFiles: readonly string[],
  display: (absolute: string) => string,
): readonly Diagnostic[] {
  const others = projectFiles.filter((file) => dirname(file) !== root).sort(compareCodeUnits);
  const own = projectFiles.filter((file) => dirname(file) === root).sort(compareCodeUnits);
  const surplus = [...own.slice(1), ...others];
  return surplus.map((file) => ({
    code: 'several-projects',
    severity: 'error',
    message:
      projectRoot === undefined
        ? `\`${display(file)}\` is the project of a folder below \`${display(root)}\``
        : `\`${display(file)}\` is a second project file, beside \`${display(own[0] ?? root)}\``,
    hint:
      dirname(file) === root
        ? 'keep one of them'
        : `name \`${display(dirname(file))}\` as the path, or keep one project file alone`,
  }));
}

function noManifests(path: string): Diagnostic {
  return {
    code: 'no-manifests',
    severity: 'error',
    message: `no manifest was found under \`${path}\``,
    hint: 'an agent is described in `agent.yaml` or `<name>.agent.yaml`; `aac init` writes a first one',
  };
}

/** A file or folder that cannot be read, in people's words. */
export function unreadable(path: string, error: unknown): Diagnostic {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'it does not exist',
    ENOTDIR: 'it does not exist',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EISDIR: 'it is a directory',
    ELOOP: 'its links go round in a circle',
    EMFILE: 'too many files are open',
  };
  const reason = reasons[code] ?? (code === '' ? String(error) : code);
  return { code: 'unreadable-file', severity: 'error', message: `\`${path}\` cannot be read: ${reason}` };
}
