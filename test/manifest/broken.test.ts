import { expect, test } from 'vitest';
import { diagnosticCodes } from '../../src/model/codes.ts';
import { readProject } from '../../src/manifest/read-project.ts';
import { expectGolden, fixture, renderDiagnostics } from './golden.ts';

test.each([
  'syntax',
  'shape',
  'values',
  'environment',
  'contradictions',
  'references',
  'project',
  'nested-projects',
  'several-faults',
  'kinds',
])('every error of broken/%s is told at its place', async (name) => {
  const cwd = fixture(`broken/${name}`);
  const reading = await readProject('.', { cwd, environment: {} });
  expectGolden(renderDiagnostics(reading.diagnostics), `broken/${name}/diagnostics.txt`);
  for (const { code, range, related = [] } of reading.diagnostics) {
    expect(diagnosticCodes).toHaveProperty([code]);
    for (const place of [range, ...related.map((other) => other.range)]) {
      if (place) expect(reading.texts.get(place.file)).toBeDefined();
    }
  }
});
