import type { SourceRange } from '../model/source.ts';
import { cut, cutStart, displayWidth, printable } from './text.ts';

/** A source line as it is shown, and the columns of it that a squiggle goes under. */
export interface Snippet {
  readonly line: string;
  readonly indent: number;
  readonly length: number;
}

const tab = '    ';

/**
 * The first line of a range, at most `width` columns around it. A range that goes on over further lines is marked to
 * the end of its first; an empty one is marked with a single column. `undefined` when the text has no such line.
 */
export function snippet(text: string, range: SourceRange, width: number): Snippet | undefined {
  const line = lineAt(text, range.start.line);
  if (line === undefined) return undefined;
  const start = Math.min(range.start.column - 1, line.length);
  const written = range.end.line > range.start.line ? line.trimEnd().length : range.end.column - 1;
  const end = Math.min(Math.max(written, start), line.length);
  const [before, marked, after] = [shown(line.slice(0, start)), shown(line.slice(start, end)), shown(line.slice(end))];

  const room = Math.max(20, width);
  if (displayWidth(before + marked + after) <= room) {
    return { line: (before + marked + after).trimEnd(), ...under(before, marked) };
  }
  const lead = cutStart(before, Math.max(room - displayWidth(marked) - 10, Math.floor(room / 3)));
  const middle = cut(marked, room - displayWidth(lead));
  const rest = room - displayWidth(lead + middle);
  return { line: lead + middle + (rest > 0 && middle === marked ? cut(after, rest) : ''), ...under(lead, middle) };
}

function under(before: string, marked: string): { readonly indent: number; readonly length: number } {
  return { indent: displayWidth(before), length: Math.max(1, displayWidth(marked)) };
}

function shown(text: string): string {
  return text.split('\t').map(printable).join(tab);
}

/** The line with a number counted from 1, without its break; walks the text instead of splitting it whole. */
function lineAt(text: string, number: number): string | undefined {
  let start = 0;
  for (let line = 1; line < number; line++) {
    const end = text.indexOf('\n', start);
    if (end < 0) return undefined;
    start = end + 1;
  }
  const end = text.indexOf('\n', start);
  return text.slice(start, end < 0 ? text.length : end).replace(/\r$/, '');
}
