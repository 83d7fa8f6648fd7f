import { fieldPath, fieldSegments, type FieldPath } from '../model/field-path.ts';
import { formatReference, isReference } from '../model/reference.ts';
import type { HealthCheck, PortSpec, VolumeSpec } from '../model/spec.ts';
import { equalJson, isJsonObject, type Json, type JsonObject } from '../util/json.ts';
import { cut, displayWidth, printable, quoted, shellWords } from './text.ts';
import { formatBytes, formatCores, formatDuration } from './units.ts';

/** What stands for a value that is not shown. */
export const sensitive = '(sensitive)';

type Reading = 'bytes' | 'cores' | 'milliseconds' | 'limit' | 'port' | 'volume' | 'health-check' | 'plain';

/** How the number or object behind a field reads; `*` is any one segment. First match counts. */
const readings: readonly (readonly [pattern: readonly string[], reading: Reading])[] = [
  [['resources', '*', 'cpu'], 'cores'],
  [['resources', '*', 'memory'], 'bytes'],
  [['resources', '*', 'ephemeralStorage'], 'bytes'],
  [['resources', 'limits', '*'], 'limit'],
  [['volumes', '*', 'size'], 'bytes'],
  [['logging', 'maxSize'], 'bytes'],
  [['healthCheck', 'interval'], 'milliseconds'],
  [['healthCheck', 'startInterval'], 'milliseconds'],
  [['healthCheck', 'timeout'], 'milliseconds'],
  [['healthCheck', 'startPeriod'], 'milliseconds'],
  [['stop', 'gracePeriod'], 'milliseconds'],
  [['ports', '*'], 'port'],
  [['volumes', '*'], 'volume'],
  [['healthCheck'], 'health-check'],
];

/** The value of a spec's field in human units, whole, on one line. References stand for themselves. */
export function formatFieldValue(path: FieldPath, value: Json | undefined): string {
  if (value === undefined) return '(none)';
  const reading = readingOf(fieldSegments(path));
  if (value === null) return reading === 'plain' ? 'none' : 'no limit';
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return formatNumber(reading, value);
  if (isJsonObject(value)) return formatObject(path, reading, value);
  return `[${value.map((item) => formatFieldValue(path, item)).join(', ')}]`;
}

/**
 * `before → after` in at most about `width` columns. Where long texts begin alike, both are shown from where they
 * part. A side that is absent is left out.
 */
export function formatFieldChange(
  path: FieldPath,
  before: Json | undefined,
  after: Json | undefined,
  width: number,
): string {
  if (before === undefined) return cut(formatFieldValue(path, after), width);
  if (after === undefined) return cut(formatFieldValue(path, before), width);
  if (isReference(before) && equalJson(before, after)) return `${formatFieldValue(path, after)} has another value`;
  const [left, right] = [formatFieldValue(path, before), formatFieldValue(path, after)];
  const half = Math.max(12, Math.floor((width - 3) / 2));
  const skip = displayWidth(left) > half || displayWidth(right) > half ? commonStart(left, right, half) : 0;
  const from = (text: string): string => (skip === 0 ? text : `"…${text.slice(skip)}`);
  return `${cut(from(left), half)} → ${cut(from(right), half)}`;
}

/** A health check in words: `http :8080/health every 30s`. */
export function formatHealthCheck(check: HealthCheck): string {
  const every = `every ${formatDuration(check.interval)}`;
  switch (check.type) {
    case 'command':
      return `command ${shellWords(check.command)} ${every}`;
    case 'http':
      return `http :${String(check.port)}${printable(check.path)} ${every}`;
    case 'tcp':
      return `tcp :${String(check.port)} ${every}`;
    case 'file':
      return `file ${printable(check.path)} ${every}`;
  }
}

/** Where a port is published: `0.0.0.0:8080`, `any free port of 127.0.0.1`. */
export function formatPort(port: PortSpec): string {
  if (port.host === 0) return `any free port of ${printable(port.hostIp)}`;
  return `${printable(port.hostIp)}:${printable(String(port.host))}`;
}

/** What is mounted: `./data (bind, read-only)`. */
export function formatVolume(volume: VolumeSpec): string {
  const traits = [
    volume.type,
    ...(volume.size === undefined ? [] : [formatBytes(volume.size)]),
    ...(volume.readOnly ? ['read-only'] : []),
  ].join(', ');
  return volume.source === undefined ? traits : `${printable(volume.source)} (${traits})`;
}

function readingOf(segments: readonly string[]): Reading {
  const match = readings.find(
    ([pattern]) =>
      pattern.length === segments.length && pattern.every((part, index) => part === '*' || part === segments[index]),
  );
  return match?.[1] ?? 'plain';
}

function formatNumber(reading: Reading, value: number): string {
  switch (reading) {
    case 'bytes':
      return formatBytes(value);
    case 'cores':
      return formatCores(value);
    case 'milliseconds':
      return formatDuration(value);
    case 'limit':
    case 'port':
    case 'volume':
    case 'health-check':
    case 'plain':
      return String(value);
  }
}

function formatObject(path: FieldPath, reading: Reading, value: JsonObject): string {
  if (isReference(value)) {
    // `drifted` is how an observation says that the live value is not the recorded one
    return (value.from as string) === 'drifted'
      ? `${sensitive} another value`
      : `${sensitive} ${printable(formatReference(value))}`;
  }
  if (reading === 'port' && value.host !== undefined && value.hostIp !== undefined) {
    return formatPort(value as unknown as PortSpec);
  }
  if (reading === 'volume' && typeof value.type === 'string') return formatVolume(value as unknown as VolumeSpec);
  if (reading === 'health-check' && typeof value.type === 'string' && typeof value.interval === 'number') {
    return formatHealthCheck(value as unknown as HealthCheck);
  }
  const members = Object.entries(value).map(
    ([key, member]) => `${printable(key)}: ${formatFieldValue(`${path}${fieldPath(key)}` as FieldPath, member)}`,
  );
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

/** Where two quoted texts may both be cut at the front and still show where they part, with a little of what is common. */
function commonStart(left: string, right: string, width: number): number {
  if (!left.startsWith('"') || !right.startsWith('"')) return 0;
  let common = 0;
  while (common < left.length && left[common] === right[common]) common++;
  const context = Math.min(8, Math.floor(width / 3));
  if (common < width - context) return 0;
  const start = common - context;
  return /[\udc00-\udfff]/.test(left[start] ?? '') ? start + 1 : start;
}
