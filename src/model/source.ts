import type { FieldPath } from './field-path.ts';

/** A place in a text: `line` and `column` count from 1, `offset` from 0, all in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

/** A stretch of a file. `file` is written as people would type it from where the command runs; `end` is exclusive. */
export interface SourceRange {
  readonly file: string;
  readonly start: Position;
  readonly end: Position;
}

/** Where the fields of one resource were written. Positions are worked out only when asked for. */
export interface SourceMap {
  /**
   * The place of the field, or of its nearest written ancestor when the field itself is a default; `undefined` when
   * nothing of it stands in a file.
   */
  locate(path: FieldPath): SourceRange | undefined;
}

/** The map of a resource that no file declares. */
export const nowhere: SourceMap = { locate: () => undefined };

/** `agents/web.agent.yaml:12:5`, as terminals and editors open it. */
export function formatRange(range: SourceRange): string {
  return `${range.file}:${String(range.start.line)}:${String(range.start.column)}`;
}
