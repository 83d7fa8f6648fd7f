import type { Paint, Style } from './style.ts';
import { cut, displayWidth, padded, widest } from './text.ts';

/** One column of a table without borders. */
export interface Column<Row> {
  readonly heading: string;
  /** Printable. */
  readonly cell: (row: Row) => string;
  readonly paint?: (row: Row) => Paint;
  readonly align?: 'left' | 'right';
  /** At least so wide, so that a table that is drawn anew does not jump. */
  readonly width?: number;
  /** Where the table is too wide, columns with the highest number go first; absent: it stays. */
  readonly dropOrder?: number;
}

/** The lines of a table, headings first, none wider than `width`; columns with nothing in them are left out. */
export function tableLines<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { style, width }: { readonly style: Style; readonly width: number },
): readonly string[] {
  const sized = columns
    .filter(({ cell }) => rows.some((row) => cell(row) !== ''))
    .map((column) => ({
      column,
      size: Math.max(column.width ?? 0, widest([column.heading, ...rows.map((row) => column.cell(row))])),
    }));
  const shown = fit(sized, width);
  const line = (cellOf: (column: Column<Row>) => string, paintOf: (column: Column<Row>) => Paint): string => {
    let room = width;
    const cells = shown.flatMap(({ column, size }, index) => {
      if (room < 1) return [];
      const text = cut(cellOf(column), room);
      const least = Math.min(size, room);
      const isLast = index === shown.length - 1;
      const aligned = column.align === 'right' ? text.padStart(least) : isLast ? text : padded(text, least);
      room -= displayWidth(aligned) + 2;
      return [paintOf(column)(aligned)];
    });
    return cells.join('  ').trimEnd();
  };
  const plain: Paint = (text) => text;
  return [
    line(
      ({ heading }) => heading,
      () => style.bold,
    ),
    ...rows.map((row) =>
      line(
        ({ cell }) => cell(row),
        ({ paint }) => paint?.(row) ?? plain,
      ),
    ),
  ];
}

function fit<Row>(
  columns: readonly { readonly column: Column<Row>; readonly size: number }[],
  width: number,
): readonly { readonly column: Column<Row>; readonly size: number }[] {
  const total = columns.reduce((sum, { size }) => sum + size + 2, -2);
  if (total <= width) return columns;
  const last = columns.reduce((most, { column }) => Math.max(most, column.dropOrder ?? 0), 0);
  return last === 0
    ? columns
    : fit(
        columns.filter(({ column }) => column.dropOrder !== last),
        width,
      );
}
