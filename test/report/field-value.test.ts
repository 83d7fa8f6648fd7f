import { describe, expect, it } from 'vitest';
import { fieldPath } from '../../src/model/field-path.ts';
import { formatFieldChange, formatFieldValue } from '../../src/report/field-value.ts';
import type { Json } from '../../src/util/json.ts';
import { controls, hostile } from './hostile.ts';
import { httpCheck } from './samples.ts';

function value(path: readonly string[], of: Json | undefined): string {
  return formatFieldValue(fieldPath(...path), of);
}

describe('the value of a field', () => {
  it('is told in the unit of its field', () => {
    expect(value(['resources', 'limits', 'memory'], 512 * 2 ** 20)).toBe('512Mi');
    expect(value(['resources', 'requests', 'cpu'], 250_000_000)).toBe('0.25 cores');
    expect(value(['resources', 'limits', 'pids'], 100)).toBe('100');
    expect(value(['resources', 'limits', 'memory'], null)).toBe('no limit');
    expect(value(['healthCheck', 'startPeriod'], 5000)).toBe('5s');
    expect(value(['stop', 'gracePeriod'], 90_000)).toBe('1m30s');
    expect(value(['volumes', '/tmp', 'size'], 2 ** 30)).toBe('1Gi');
    expect(value(['logging', 'maxFiles'], 5)).toBe('5');
  });

  it('is told in words where it is a whole port, volume or health check', () => {
    expect(value(['ports', '8080/tcp'], { host: 8080, hostIp: '0.0.0.0' })).toBe('0.0.0.0:8080');
    expect(value(['ports', '8080/tcp'], { host: 0, hostIp: '127.0.0.1' })).toBe('any free port of 127.0.0.1');
    expect(value(['volumes', '/d'], { type: 'tmpfs', size: 2 ** 20, readOnly: false })).toBe('tmpfs, 1Mi');
    expect(value(['volumes', '/d'], { type: 'bind', source: './d', readOnly: true })).toBe('./d (bind, read-only)');
    expect(value(['healthCheck'], httpCheck as unknown as Json)).toBe('http :8080/health every 30s');
  });

  it('quotes texts and writes lists and objects out, references in them as references', () => {
    expect(value(['image'], 'web:1')).toBe('"web:1"');
    expect(value(['command'], ['node', 'a b'])).toBe('["node", "a b"]');
    expect(value(['environment'], { A: 'x', B: { from: 'secret', name: 'db', key: 'password' } })).toBe(
      '{ A: "x", B: (sensitive) secret db/password }',
    );
    expect(value(['labels'], {})).toBe('{}');
  });

  it('shows a reference by what was written, and a value that no longer matches not at all', () => {
    expect(value(['environment', 'T'], { from: 'interpolation', template: '${T}' })).toBe('(sensitive) ${T}');
    expect(value(['environment', 'T'], { from: 'env', key: 'T' })).toBe('(sensitive) env T');
    expect(value(['environment', 'T'], { from: 'drifted' })).toBe('(sensitive) another value');
  });

  it('cannot steer a terminal', () => {
    for (const text of Object.values(hostile)) {
      expect(value(['environment', 'A'], text)).not.toMatch(controls);
      expect(value(['environment', 'T'], { from: 'interpolation', template: text })).not.toMatch(controls);
      expect(value(['labels'], { [text]: text })).not.toMatch(controls);
      expect(value(['volumes', text], { type: 'bind', source: text, readOnly: true })).not.toMatch(controls);
    }
  });
});

describe('the change of a field', () => {
  const path = fieldPath('environment', 'PROMPT');

  it('shows long texts from where they part', () => {
    const start = 'you are a helpful agent of the support desk; '.repeat(5);
    const shown = formatFieldChange(path, `${start}be brief`, `${start}be kind`, 60);
    expect(shown).toBe('"…esk; be brief" → "…esk; be kind"');
  });

  it('never takes much more than its room', () => {
    expect(formatFieldChange(path, hostile.long, hostile.wide, 60).length).toBeLessThanOrEqual(62);
  });

  it('shows a value alone when it comes or goes', () => {
    expect(formatFieldChange(path, undefined, 'a', 60)).toBe('"a"');
    expect(formatFieldChange(path, 'a', undefined, 60)).toBe('"a"');
  });

  it('says that the value behind a reference is another one', () => {
    const reference = { from: 'interpolation', template: '${T}' };
    expect(formatFieldChange(path, reference, reference, 60)).toBe('(sensitive) ${T} has another value');
    expect(formatFieldChange(path, 'a', reference, 60)).toBe('"a" → (sensitive) ${T}');
  });
});
