import { basename } from 'node:path';
import type { Instead } from '../manifest/load.ts';
import { isProjectFile } from '../manifest/manifest-names.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { compareCodeUnits } from '../util/compare.ts';
import type { Workspace } from './workspace.ts';

/** The texts that manifests had when they last were valid, by the names that diagnostics use. */
export type GoodTexts = ReadonlyMap<string, string>;

/** A file that is not valid, and what counts in place of it: its last valid text, or nothing, which leaves its agents alone. */
export interface BrokenFile {
  readonly file: string;
  readonly instead: 'last valid' | 'nothing';
}

/** What is wrong with the manifests as they are. */
export interface Broken {
  readonly files: readonly BrokenFile[];
  readonly diagnostics: readonly Diagnostic[];
  readonly texts: ReadonlyMap<string, string>;
}

/** A workspace in which every file that is broken is as it last was. */
export interface OpenedKeepingGood {
  /** Without `desired` where even that is of no use. */
  readonly workspace: Workspace;
  /** Absent: all manifests are valid. */
  readonly broken?: Broken;
  readonly good: GoodTexts;
}

/**
 * Opens a workspace whose broken manifests keep their last good state, file by file: a file with an error is read as it
 * was when it last was valid, and where that is of no use either it is passed by. Others that do not fit what then is
 * left are treated alike. The project file is never passed by, as it says whose everything is.
 */
export async function openKeepingGood(
  open: (instead: Instead) => Promise<Workspace>,
  good: GoodTexts,
): Promise<OpenedKeepingGood> {
  const first = await open(new Map());
  if (first.desired) return { workspace: first, good: first.reading.texts };
  const { diagnostics } = first;
  const { texts } = first.reading;
  let instead: Instead = new Map();
  let workspace = first;
  while (!workspace.desired) {
    const next = standIns(workspace, instead, good, texts);
    if (!next) return { workspace, good, broken: { files: [], diagnostics, texts } };
    await workspace[Symbol.asyncDispose]();
    instead = next;
    workspace = await open(instead);
  }
  const files = [...instead]
    .map(([file, text]): BrokenFile => ({ file, instead: text === null ? 'nothing' : 'last valid' }))
    .sort((left, right) => compareCodeUnits(left.file, right.file));
  const kept = files.flatMap(({ file }) => [[file, good.get(file)] as const]);
  const still = kept.filter((entry): entry is readonly [string, string] => entry[1] !== undefined);
  return { workspace, broken: { files, diagnostics, texts }, good: new Map([...workspace.reading.texts, ...still]) };
}

/** The next attempt at a workspace without errors; `undefined` where there is none. Every turn gives up on one more text. */
function standIns(
  { diagnostics }: Workspace,
  before: Instead,
  good: GoodTexts,
  texts: ReadonlyMap<string, string>,
): Instead | undefined {
  const next = new Map(before);
  let isNew = false;
  for (const { severity, range } of diagnostics) {
    if (severity !== 'error') continue;
    if (!range) return undefined; // belongs to no file
    const { file } = range;
    const had = before.get(file);
    const last = good.get(file);
    const text = had === undefined && last !== undefined && last !== texts.get(file) ? last : null;
    if (had === null || (text === null && isProjectFile(basename(file)))) return undefined;
    next.set(file, text);
    isNew = true;
  }
  return isNew ? next : undefined;
}
