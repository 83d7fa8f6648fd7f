import { expect, it } from 'vitest';
import { formatAge, formatBytes, formatCores, formatDuration, formatElapsed } from '../../src/report/units.ts';

it('bytes are told exactly, in the shortest way', () => {
  expect([0, 1024, 512 * 2 ** 20, 2 ** 30, 1536 * 2 ** 20, 512e6, 2e9, 1_234_567].map(formatBytes)).toEqual([
    '0',
    '1Ki',
    '512Mi',
    '1Gi',
    '1536Mi',
    '512M',
    '2G',
    '1234567 bytes',
  ]);
});

it('nano-cores are told as cores', () => {
  expect([1e9, 500_000_000, 1_500_000_000, 0].map(formatCores)).toEqual([
    '1 core',
    '0.5 cores',
    '1.5 cores',
    '0 cores',
  ]);
});

it('durations are told as manifests write them', () => {
  expect([0, 250, 1500, 30_000, 90_000, 3_600_000, 5_400_000].map(formatDuration)).toEqual([
    '0s',
    '250ms',
    '1.5s',
    '30s',
    '1m30s',
    '1h',
    '1h30m',
  ]);
});

it('elapsed times grow coarser as they grow', () => {
  expect([0, 449, 59_940, 59_960, 65_000, 7_380_000].map(formatElapsed)).toEqual([
    '0.0 s',
    '0.4 s',
    '59.9 s',
    '1 min 0 s',
    '1 min 5 s',
    '2 h 3 min',
  ]);
});

it('ages are one word', () => {
  expect([-5, 12_000, 300_000, 10_800_000, 700_000_000].map(formatAge)).toEqual(['0s', '12s', '5m', '3h', '8d']);
});
