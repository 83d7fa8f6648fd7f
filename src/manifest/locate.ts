import type { SourceRange } from '../model/source.ts';
import type { ParsedDocument } from './parse.ts';
import { findNearest, type Path } from './source-tree.ts';

/** A field of a manifest: a document and the path within it. */
export interface Place {
  readonly document: ParsedDocument;
  readonly path: Path;
}

/**
 * Where a field is written. `key` is the range of its key, `value` that of its value, the key again where the value
 * spreads over several lines. Of a field that is not written, the key of the nearest part that is.
 */
export function locate({ document, path }: Place, part: 'key' | 'value' = 'value'): SourceRange {
  const { file, tree } = document;
  const { depth, span } = findNearest(tree, path);
  const [start, end] = span.value;
  if (part === 'value' && depth === path.length && isOneLine(file.text, start, end)) return file.range(start, end);
  if (span.key) return file.range(...span.key);
  return file.range(start, endOfLine(file.text, start, end));
}

/** A path in the manifest's words: `spec.environment[2].value`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, segment) => {
    if (typeof segment === 'number') return `${text}[${String(segment)}]`;
    const name = /^[\w-]+$/.test(segment) ? segment : JSON.stringify(segment);
    return text === '' ? name : `${text}.${name}`;
  }, '');
}

/** The text as it stands in the file; `undefined` where the field is not written. */
export function writtenText({ document, path }: Place): string | undefined {
  const { depth, span } = findNearest(document.tree, path);
  return depth === path.length ? document.file.text.slice(...span.value) : undefined;
}

function isOneLine(text: string, start: number, end: number): boolean {
  const lineEnd = text.indexOf('\n', start);
  return start < end && (lineEnd === -1 || lineEnd >= end);
}

function endOfLine(text: string, start: number, end: number): number {
  const lineEnd = text.indexOf('\n', start);
  return lineEnd === -1 ? end : Math.min(end, lineEnd);
}
