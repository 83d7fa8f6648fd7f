import type { Diagnostic } from '../model/diagnostic.ts';
import { formatRange, type SourceRange } from '../model/source.ts';
import { compareCodeUnits } from '../util/compare.ts';
import type { JsonObject } from '../util/json.ts';
import { reportFormatVersion, toDocument } from './document.ts';
import { snippet } from './snippet.ts';
import type { Paint, Style } from './style.ts';
import { counted, listed, printable } from './text.ts';

/** What {@link formatDiagnostics} needs besides the diagnostics. */
export interface DiagnosticsOptions {
  /** File, as ranges name it → its text; a file that is missing is shown without its line. */
  readonly texts: ReadonlyMap<string, string>;
  readonly style: Style;
  /** Columns of the terminal; 100 unless told. Only source lines are cut to it. */
  readonly width?: number;
}

/**
 * Diagnostics as people read them: each with its place, the source line, a squiggle, the hint and related places; by
 * file and line, those without a place first; then how many there are, unless they are all notes. Empty when there are
 * none.
 */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], options: DiagnosticsOptions): string {
  if (diagnostics.length === 0) return '';
  const told = onceForEachLine(sortDiagnostics(diagnostics));
  const blocks = told.map(({ diagnostic, addresses }) => formatDiagnostic(diagnostic, addresses, options));
  if (diagnostics.every(({ severity }) => severity === 'note')) return `${blocks.join('\n\n')}\n`;
  const worst = severities.find((severity) => diagnostics.some((diagnostic) => diagnostic.severity === severity));
  const summary = options.style.bold(
    severityPaint(options.style, worst ?? 'note')(summarize(told.map(({ diagnostic }) => diagnostic))),
  );
  return `${[...blocks, summary].join('\n\n')}\n`;
}

/** `2 errors, 1 warning in 3 files`. */
export function summarize(diagnostics: readonly Diagnostic[]): string {
  const counts = severities.flatMap((severity) => {
    const count = diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
    return count === 0 ? [] : [counted(count, severity)];
  });
  const files = new Set(diagnostics.flatMap((diagnostic) => (diagnostic.range ? [diagnostic.range.file] : [])));
  return `${counts.join(', ')}${files.size === 0 ? '' : ` in ${counted(files.size, 'file')}`}`;
}

/** The diagnostics as a document for programs, in the order people see them in. */
export function diagnosticsJson(diagnostics: readonly Diagnostic[]): JsonObject {
  const count = (severity: Diagnostic['severity']): number =>
    diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
  return toDocument({
    formatVersion: reportFormatVersion,
    type: 'diagnostics',
    counts: { errors: count('error'), warnings: count('warning'), notes: count('note') },
    diagnostics: sortDiagnostics(diagnostics),
  });
}

const severities = ['error', 'warning', 'note'] as const;

/** By file and line, those without a place first; at one place the worst first. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...diagnostics].sort(
    (left, right) =>
      compareCodeUnits(left.range?.file ?? '', right.range?.file ?? '') ||
      (left.range?.start.offset ?? 0) - (right.range?.start.offset ?? 0) ||
      severities.indexOf(left.severity) - severities.indexOf(right.severity) ||
      compareCodeUnits(left.code, right.code) ||
      compareCodeUnits(left.message, right.message),
  );
}

/** What several agents have in common, such as a line of their project's defaults, is told once, with their names. */
function onceForEachLine(
  sorted: readonly Diagnostic[],
): readonly { readonly diagnostic: Diagnostic; readonly addresses: readonly string[] }[] {
  const groups = new Map<string, Diagnostic[]>();
  sorted.forEach((diagnostic, index) => {
    const { severity, code, message: words, range } = diagnostic;
    const key = range ? `${severity} ${code} ${formatRange(range)} ${words}` : String(index);
    groups.set(key, [...(groups.get(key) ?? []), diagnostic]);
  });
  return [...groups.values()].flatMap(([diagnostic, ...others]) => {
    if (!diagnostic) return [];
    const addresses = new Set([diagnostic, ...others].flatMap(({ address }) => address ?? []));
    return [{ diagnostic, addresses: [...addresses].sort(compareCodeUnits) }];
  });
}

function formatDiagnostic(diagnostic: Diagnostic, addresses: readonly string[], options: DiagnosticsOptions): string {
  const { style } = options;
  const paint = severityPaint(style, diagnostic.severity);
  const title = style.bold(paint(`${diagnostic.severity}[${diagnostic.code}]`));
  const lines = [`${title}${style.bold(`: ${diagnosticMessage(diagnostic)}`)}`];
  if (diagnostic.range) lines.push(...place(diagnostic.range, '^', paint, options));
  for (const related of diagnostic.related ?? []) {
    lines.push(`${style.bold(style.cyan('note'))}: ${printable(related.message)}`);
    lines.push(...place(related.range, '-', style.cyan, options));
  }
  if (addresses.length > 1) {
    lines.push(
      `${style.bold(style.cyan('note'))}: so it is for ${listed(addresses.map(printable), options.width ?? 100)}`,
    );
  }
  if (diagnostic.hint !== undefined) lines.push(`${style.bold(style.green('hint'))}: ${printable(diagnostic.hint)}`);
  return lines.join('\n');
}

/** What a diagnostic says, printable; names the resource where neither a place nor the message itself does. */
export function diagnosticMessage(diagnostic: Diagnostic): string {
  const { address, range } = diagnostic;
  const told = range !== undefined || address === undefined || diagnostic.message.includes(address);
  return `${told ? '' : `${printable(address)}: `}${printable(diagnostic.message)}`;
}

function place(range: SourceRange, mark: string, paint: Paint, options: DiagnosticsOptions): readonly string[] {
  const { style, texts, width = 100 } = options;
  const gutter = String(range.start.line).length;
  const arrow = `${' '.repeat(gutter)}${style.blue('-->')} ${printable(formatRange(range))}`;
  const text = texts.get(range.file);
  const shown = text === undefined ? undefined : snippet(text, range, width - gutter - 3);
  if (!shown) return [arrow];
  const bar = style.blue('|');
  const blank = ' '.repeat(gutter);
  return [
    arrow,
    `${blank} ${bar}`,
    `${style.blue(String(range.start.line))} ${bar} ${shown.line}`,
    `${blank} ${bar} ${' '.repeat(shown.indent)}${paint(mark.repeat(shown.length))}`,
  ];
}

function severityPaint(style: Style, severity: Diagnostic['severity']): Paint {
  switch (severity) {
    case 'error':
      return style.red;
    case 'warning':
      return style.yellow;
    case 'note':
      return style.cyan;
  }
}
