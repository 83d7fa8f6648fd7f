import type { Position, SourceRange } from '../model/source.ts';

/** One manifest file. Lines are counted only when a position is asked for. */
export interface SourceFile {
  /** Relative to the project root, as agents record it. */
  readonly path: string;
  /** Relative to where the command runs, as people would type it. */
  readonly display: string;
  readonly text: string;
  /** The range between two offsets. */
  range(start: number, end: number): SourceRange;
}

/** A file and its text. */
export function createSourceFile(path: string, display: string, text: string): SourceFile {
  let lines: readonly number[] | undefined;
  const position = (offset: number): Position => {
    lines ??= lineStarts(text);
    const line = lineAt(lines, offset);
    return { line: line + 1, column: offset - (lines[line] ?? 0) + 1, offset };
  };
  return {
    path,
    display,
    text,
    range: (start, end) => ({ file: display, start: position(start), end: position(end) }),
  };
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return starts;
}

/** The index of the last line that begins at or before `offset`. */
function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
