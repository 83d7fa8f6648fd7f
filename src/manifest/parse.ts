import { isAlias, isMap, isScalar, isSeq, parseAllDocuments, type ParsedNode } from 'yaml';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Json } from '../util/json.ts';
import type { SourceFile } from './source-file.ts';
import { sourceTreeBuilder, type SourceTree, type SourceTreeBuilder } from './source-tree.ts';

/** One YAML document as plain data, and where each value of it stands. */
export interface ParsedDocument {
  readonly file: SourceFile;
  readonly value: Json;
  readonly tree: SourceTree;
  /** It has syntax errors; `value` is what could be made out. */
  readonly broken: boolean;
}

/** What a file holds, empty documents left out. */
export interface ParsedFile {
  readonly documents: readonly ParsedDocument[];
  readonly diagnostics: readonly Diagnostic[];
}

/** More values than this in one document, aliases counted out, is an attack and no manifest. */
const maxValues = 100_000;

/** Reads YAML 1.2. All syntax errors of all documents are told; a document that has one is marked broken. */
export function parse(file: SourceFile): ParsedFile {
  const documents: ParsedDocument[] = [];
  const diagnostics: Diagnostic[] = [];
  const parsed = parseAllDocuments(file.text, {
    prettyErrors: false,
    keepSourceTokens: false,
    uniqueKeys: false, // found below, with the place of the first
    logLevel: 'error',
  });
  for (const document of Array.isArray(parsed) ? parsed : []) {
    const problems = [...document.errors, ...document.warnings].map((problem) => syntaxError(file, problem));
    const { contents } = document;
    if (contents !== null && !(isScalar(contents) && contents.value === null)) {
      const walk = startWalk(file);
      const value = convert(walk, contents, '', undefined);
      problems.push(...walk.diagnostics);
      documents.push({ file, value, tree: walk.tree.build(), broken: problems.length > 0 });
    }
    diagnostics.push(...problems);
  }
  return { documents, diagnostics };
}

type Node = ParsedNode | null;
type Offsets = readonly [start: number, end: number];

interface Walk {
  readonly file: SourceFile;
  readonly tree: SourceTreeBuilder;
  readonly diagnostics: Diagnostic[];
  /** Anchor → its value and how many values that holds, `open` until it is known. */
  readonly anchors: Map<string, { readonly value: Json; readonly size: number } | 'open'>;
  size: number;
}

function startWalk(file: SourceFile): Walk {
  return { file, tree: sourceTreeBuilder(), diagnostics: [], anchors: new Map(), size: 0 };
}

/** The plain value of `node`, entered into the tree under `key`. */
function convert(walk: Walk, node: Node, key: string | number, keySpan: Offsets | undefined): Json {
  const at: Offsets = node ? [node.range[0], node.range[1]] : [keySpan?.[1] ?? 0, keySpan?.[1] ?? 0];
  const entry = walk.tree.open(key, keySpan, at);
  const before = walk.size++;
  const anchor = node && !isAlias(node) ? node.anchor : undefined;
  if (anchor !== undefined) walk.anchors.set(anchor, 'open');
  const value = plainValue(walk, node, at);
  if (anchor !== undefined) walk.anchors.set(anchor, { value, size: walk.size - before });
  walk.tree.close(entry);
  return value;
}

function plainValue(walk: Walk, node: Node, at: Offsets): Json {
  if (node === null) return null;
  if (isScalar(node)) return scalarValue(walk, node.value, at);
  if (isAlias(node)) return aliasValue(walk, node.source, at);
  if (isSeq(node)) return node.items.map((item, index) => convert(walk, item, index, undefined));
  if (!isMap(node)) return null;
  const members: Record<string, Json> = {};
  const first = new Map<string, Offsets>();
  for (const { key, value } of node.items) {
    const keyNode = key as Node;
    const span: Offsets = keyNode ? [keyNode.range[0], keyNode.range[1]] : [at[0], at[0]];
    const name = isScalar(keyNode) ? keyText(keyNode.value, keyNode.source) : undefined;
    if (name === undefined) {
      report(walk, span, 'a key is text, not a list or a map');
      continue;
    }
    const earlier = first.get(name);
    if (earlier) {
      report(walk, span, `the key \`${name}\` is written twice`, { message: 'first written here', at: earlier });
      continue;
    }
    first.set(name, span);
    setMember(members, name, convert(walk, value, name, span));
  }
  return members;
}

function scalarValue(walk: Walk, value: unknown, at: Offsets): Json {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  report(walk, at, `\`${walk.file.text.slice(...at)}\` is no value a manifest can hold`);
  return null;
}

function aliasValue(walk: Walk, name: string, at: Offsets): Json {
  const anchored = walk.anchors.get(name);
  if (!anchored) {
    report(walk, at, `no \`&${name}\` stands before this alias`);
    return null;
  }
  if (anchored === 'open') {
    report(walk, at, 'an alias stands within what it repeats');
    return null;
  }
  walk.size += anchored.size;
  if (walk.size <= maxValues) return anchored.value;
  report(walk, at, 'aliases repeat too much');
  return null;
}

function keyText(value: unknown, source: string | undefined): string {
  return typeof value === 'string' ? value : (source ?? String(value));
}

/** Sets a member whatever its name, `__proto__` too. */
function setMember(members: Record<string, Json>, name: string, value: Json): void {
  if (name === '__proto__') Object.defineProperty(members, name, { value, enumerable: true });
  else members[name] = value;
}

function report(walk: Walk, at: Offsets, message: string, first?: { readonly message: string; readonly at: Offsets }) {
  walk.diagnostics.push({
    code: 'invalid-yaml',
    severity: 'error',
    message,
    range: walk.file.range(...at),
    ...(first ? { related: [{ message: first.message, range: walk.file.range(...first.at) }] } : {}),
  });
}

function syntaxError(
  file: SourceFile,
  error: { readonly message: string; readonly pos: readonly number[] },
): Diagnostic {
  const [start = 0, end = start + 1] = error.pos;
  const message = error.message.replace(/\.$/, '');
  const tabs = message.startsWith('Tabs are not allowed');
  return {
    code: 'invalid-yaml',
    severity: 'error',
    message: `${message.charAt(0).toLowerCase()}${message.slice(1)}`,
    range: file.range(Math.min(start, file.text.length), Math.min(end, file.text.length)),
    ...(tabs ? { hint: 'indent with spaces' } : {}),
  };
}
