import type { z } from 'zod';
import { agentTemplate } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { isJsonObject, type Json } from '../util/json.ts';
import { describeIssue, flattenIssues, nearestKind, valueAtPath, withoutEchoes, type LocatedIssue } from './issues.ts';
import type { Kind } from './json-schema.ts';
import { locate } from './locate.ts';
import { isProjectFile } from './manifest-names.ts';
import { didYouMean } from './nearest-word.ts';
import type { ParsedDocument } from './parse.ts';
import { prune, type Pruned } from './salvage.ts';
import { agentSchema, type WrittenAgent } from './schema/agent.ts';
import { projectSchema, type WrittenProject } from './schema/project.ts';
import { carriedFields } from './schema/words.ts';
import type { Path } from './source-tree.ts';

/** A document whose shape was checked. */
export interface Checked<Written> {
  readonly document: ParsedDocument;
  /** What was written, without the faulty parts; absent where too little is left. */
  readonly written?: Written;
  /** Where the document breaks the schema; none when it is sound. */
  readonly faults: readonly Path[];
  /** Lists that lost faulty items → the indices the others had. */
  readonly indices: ReadonlyMap<string, readonly number[]>;
}

/** The documents of one file after the shape check. */
export interface Validation {
  readonly agents: readonly Checked<WrittenAgent>[];
  readonly projects: readonly Checked<WrittenProject>[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks documents against the schema of their kind. All errors of all of them are told. */
export function validate(documents: readonly ParsedDocument[]): Validation {
  const agents: Checked<WrittenAgent>[] = [];
  const projects: Checked<WrittenProject>[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const document of documents) {
    const kind = kindOf(document, diagnostics);
    if (kind === 'Agent') agents.push(check(document, kind, agentSchema, diagnostics));
    if (kind === 'Project') projects.push(check(document, kind, projectSchema, diagnostics));
  }
  return { agents, projects, diagnostics };
}

/** The agent's name as far as it can be made out, also of a faulty manifest. */
export function nameOf({ value }: ParsedDocument): string | undefined {
  const name = valueAtPath(value, ['metadata', 'name']);
  return typeof name === 'string' ? name : undefined;
}

/** A document that says no kind is taken for what its file is called; one of a foreign kind is left alone. */
function kindOf(document: ParsedDocument, diagnostics: Diagnostic[]): Kind | undefined {
  const byFile = isProjectFile(document.file.path) ? 'Project' : 'Agent';
  if (!isJsonObject(document.value)) {
    if (!document.broken) {
      const range = locate({ document, path: [] });
      diagnostics.push({ code: 'invalid-type', severity: 'error', message: 'a manifest is a map of fields', range });
    }
    return undefined;
  }
  const { kind } = document.value;
  if (kind === 'Agent' || kind === 'Project') return kind;
  if (kind === undefined || document.broken) return byFile;
  const near = nearestKind(kind);
  const written = typeof kind === 'string' ? `\`${kind}\`` : 'this';
  const hint = typeof kind === 'string' ? didYouMean(kind, ['Agent', 'Project']) : undefined;
  diagnostics.push({
    code: 'unsupported-version',
    severity: 'error',
    message: `\`kind\` must be one of \`Agent\`, \`Project\`, not ${written}`,
    range: locate({ document, path: ['kind'] }),
    ...(hint === undefined ? {} : { hint }),
  });
  return near === undefined ? undefined : near === 'Project' ? 'Project' : 'Agent';
}

function check<Schema extends z.ZodType>(
  document: ParsedDocument,
  kind: Kind,
  schema: Schema,
  diagnostics: Diagnostic[],
): Checked<z.output<Schema>> {
  if (document.broken) return { document, faults: [[]], indices: new Map() };
  diagnostics.push(...carriedWarnings(document, kind));
  const result = schema.safeParse(document.value);
  if (result.success) return { document, written: result.data, faults: [], indices: new Map() };
  const issues = flattenIssues(result.error.issues, document.value);
  const name = kind === 'Agent' ? nameOf(document) : undefined;
  for (const issue of withoutEchoes(issues, document.value)) {
    if (isForeignKind(document, issue)) continue; // said already, with both kinds to choose from
    const diagnostic = describeIssue(kind, document, issue);
    diagnostics.push(name === undefined ? diagnostic : { ...diagnostic, address: agentTemplate(name) });
  }
  const faults = issues.map((issue) => issue.path);
  return { document, faults, ...salvage(kind, document.value, schema, issues) };
}

function isForeignKind({ value }: ParsedDocument, { path }: LocatedIssue): boolean {
  return path.length === 1 && path[0] === 'kind' && valueAtPath(value, path) !== undefined;
}

/** Two rounds are enough: taking a part out can leave its map without a required field, hardly ever twice. */
function salvage<Schema extends z.ZodType>(
  kind: Kind,
  value: Json,
  schema: Schema,
  issues: readonly LocatedIssue[],
): { readonly written?: z.output<Schema>; readonly indices: ReadonlyMap<string, readonly number[]> } {
  let pruned: Pruned = { value, indices: new Map() };
  let faulty = issues;
  for (let round = 0; round < 2; round += 1) {
    pruned = prune(
      pruned.value,
      faulty.map((issue) => issue.path),
      pruned,
    );
    const header = isJsonObject(pruned.value) ? { ...pruned.value, apiVersion: 'agent.dev/v1', kind } : pruned.value;
    const result = schema.safeParse(header);
    if (result.success) return { written: result.data, indices: pruned.indices };
    faulty = flattenIssues(result.error.issues, header);
  }
  return { indices: new Map() };
}

function carriedWarnings(document: ParsedDocument, kind: Kind): readonly Diagnostic[] {
  const path: Path = kind === 'Agent' ? ['spec'] : ['spec', 'defaults'];
  const spec = valueAtPath(document.value, path);
  if (!isJsonObject(spec)) return [];
  const name = kind === 'Agent' ? nameOf(document) : undefined;
  return carriedFields
    .filter((field) => field in spec)
    .map((field) => ({
      code: 'carried-field',
      severity: 'warning',
      message: `\`${field}\` is accepted and changes nothing`,
      range: locate({ document, path: [...path, field] }, 'key'),
      ...(name === undefined ? {} : { address: agentTemplate(name) }),
    }));
}
