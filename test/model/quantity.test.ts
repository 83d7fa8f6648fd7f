import { describe, expect, test } from 'vitest';
import { formatBytes, formatCpu, parseBytes, parseCpu } from '../../src/model/quantity.ts';

describe('bytes', () => {
  test.each([
    ['0', 0],
    ['1073741824', 1073741824],
    [1073741824, 1073741824],
    ['1Gi', 1073741824],
    ['1024Mi', 1073741824],
    ['512Mi', 536870912],
    ['1Ki', 1024],
    ['1k', 1000],
    ['1M', 1e6],
    ['1G', 1e9],
    ['1T', 1e12],
    ['1P', 1e15],
    ['1e3', 1000],
    ['12E2', 1200],
    ['5e-1k', undefined],
    ['5.', 5],
    ['.5k', 500],
    ['0.5Gi', 536870912],
    ['+1Ki', 1024],
    ['1.5', 2],
    ['0.1Gi', 107374183],
  ])('%s is %s', (text, bytes) => {
    const parsed = parseBytes(text);
    expect(parsed.ok ? parsed.value : undefined).toBe(bytes);
  });

  test.each([
    ['512m', '`512m` is 0.512 byte', 'did you mean `512Mi`?'],
    ['2GB', '`2GB` is no quantity', 'did you mean `2G` or `2Gi`?'],
    ['2gb', '`2gb` is no quantity', 'did you mean `2G` or `2Gi`?'],
    ['2g', '`2g` is no quantity', 'did you mean `2G` or `2Gi`?'],
    ['64K', '`64K` is no quantity', 'did you mean `64k` or `64Ki`?'],
    ['512mi', '`512mi` is no quantity', 'did you mean `512Mi`?'],
    ['512MiB', '`512MiB` is no quantity', 'did you mean `512Mi`?'],
    ['512 Mi', '`512 Mi` is no quantity', 'did you mean `512Mi`?'],
    ['100B', '`100B` is no quantity', 'did you mean `100`?'],
    ['lots', '`lots` is no quantity', 'write bytes, such as `512Mi`, `2Gi` or `1G`'],
    ['', '`` is no quantity', 'write bytes, such as `512Mi`, `2Gi` or `1G`'],
    ['0.5', '`0.5` is less than a byte', 'did you mean `0.5Gi`?'],
    ['-1Gi', '`-1Gi` is negative', undefined],
    ['9E', '`9E` is too large', undefined],
  ])('%s is an error that says what to write', (text, message, hint) => {
    const parsed = parseBytes(text);
    expect(parsed.ok ? parsed.value : [parsed.error.message, parsed.error.hint]).toEqual([message, hint]);
  });
});

describe('cpu', () => {
  test.each([
    ['500m', 500_000_000],
    ['0.5', 500_000_000],
    ['5e-1', 500_000_000],
    [0.5, 500_000_000],
    ['2', 2_000_000_000],
    ['0.1m', 1_000_000],
    ['0.0001', 1_000_000],
    ['100%', undefined],
    ['2 cores', undefined],
    ['-1', undefined],
  ])('%s is %s nano-cores', (text, nanoCores) => {
    const parsed = parseCpu(text);
    expect(parsed.ok ? parsed.value : undefined).toBe(nanoCores);
  });
});

describe('formatting', () => {
  test.each([
    [0, '0'],
    [1, '1'],
    [1000, '1k'],
    [1024, '1Ki'],
    [536870912, '512Mi'],
    [1073741824, '1Gi'],
    [1e9, '1G'],
    [1_000_001, '1000001'],
  ])('%s bytes read %s, and parse back to the same', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
    expect(parseBytes(text)).toEqual({ ok: true, value: bytes });
  });

  test.each([
    [500_000_000, '500m'],
    [2_000_000_000, '2'],
    [1_500_000_000, '1500m'],
  ])('%s nano-cores read %s', (nanoCores, text) => {
    expect(formatCpu(nanoCores)).toBe(text);
  });
});
