import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';

const fixtures = join(import.meta.dirname, '..', '..', 'fixtures');

/** Compares a text with the golden file `fixtures/<path>`; `UPDATE_GOLDENS=1` writes it instead. */
export function expectGolden(path: string, text: string): void {
  const file = join(fixtures, path);
  if (process.env.UPDATE_GOLDENS === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return;
  }
  expect(text).toBe(readFileSync(file, 'utf8'));
}
