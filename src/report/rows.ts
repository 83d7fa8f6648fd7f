import type { Paint, Style } from './style.ts';
import { padded, widest } from './text.ts';

/** One line below a heading: a mark, a name, a value and a remark, each in a column of its own. */
export interface Row {
  /** One column: `+`, `~`, `-`, `!` or a space. */
  readonly mark: string;
  readonly name: string;
  readonly value: string;
  readonly remark?: string;
}

/** A name, and everything else behind it: takes no part in the columns of its neighbours. */
export function isFree(row: Row): boolean {
  return row.value === '' && row.remark === undefined;
}

/** How each part of a row is coloured. */
export interface RowPaints {
  readonly mark: (mark: string) => Paint;
  readonly remark: Paint;
  readonly free: (mark: string) => Paint;
}

/** The columns before a row's mark: below the address of its heading. */
export const rowIndent = 6;

/** The colours of a plan's rows. */
export function rowPaints(style: Style): RowPaints {
  const paints: Readonly<Record<string, Paint>> = {
    '+': style.green,
    '-': style.red,
    '~': style.yellow,
    '!': style.yellow,
  };
  const paintOf = (mark: string): Paint => paints[mark] ?? style.dim;
  return { mark: paintOf, remark: style.dim, free: paintOf };
}

/** The columns a value may take on a terminal of `width` columns, 100 unless told. */
export function valueBudget(width = 100): number {
  return Math.max(30, width - 40);
}

/** The widest name a column makes room for; longer names push their own value to the right. */
const nameLimit = 44;

/** The rows as lines with aligned names and remarks, no white space at their ends. */
export function alignRows(rows: readonly Row[], paints: RowPaints): readonly string[] {
  const names = nameWidth(rows);
  const values = Math.min(60, widest(rows.flatMap((row) => (row.remark === undefined ? [] : [row.value]))));
  return rows.map((row) => {
    const start = `${' '.repeat(rowIndent)}${row.mark === ' ' ? ' ' : paints.mark(row.mark)(row.mark)} `;
    if (isFree(row)) return `${start}${paints.free(row.mark)(row.name)}`.trimEnd();
    const name = padded(row.name, names);
    if (row.remark === undefined) return `${start}${name}  ${row.value}`.trimEnd();
    return `${start}${name}  ${padded(row.value, values)}  ${paints.remark(`# ${row.remark}`)}`;
  });
}

function nameWidth(rows: readonly Row[]): number {
  return Math.min(nameLimit, widest(rows.flatMap((row) => (isFree(row) ? [] : [row.name]))));
}
