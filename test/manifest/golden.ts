import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Diagnostic } from '../../src/model/diagnostic.ts';
import { formatRange } from '../../src/model/source.ts';

/** The absolute path of a fixture of this theme. */
export function fixture(path: string): string {
  return fileURLToPath(new URL(`../../fixtures/manifest/${path}`, import.meta.url));
}

/** Compares `text` with a golden file; `UPDATE_GOLDENS=1` writes it instead, to be reviewed like code. */
export function expectGolden(text: string, path: string): void {
  const file = fixture(path);
  if (process.env.UPDATE_GOLDENS === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  expect(text).toBe(readFileSync(file, 'utf8'));
}

/** Diagnostics as lines: place, severity, code, message; then what belongs to it, indented. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map(renderDiagnostic).join('');
}

function renderDiagnostic({ range, severity, code, message, hint, related = [] }: Diagnostic): string {
  const until = range && `-${String(range.end.column)}`;
  const place = range ? `${formatRange(range)}${until ?? ''}: ` : '';
  const lines = [
    `${place}${severity}[${code}]: ${message}`,
    ...(hint === undefined ? [] : [`    hint: ${hint}`]),
    ...related.map((other) => `    ${formatRange(other.range)}: ${other.message}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
