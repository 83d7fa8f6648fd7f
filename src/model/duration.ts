import { err, ok, type Result } from '../util/result.ts';
import type { UnitError } from './unit-error.ts';

/** Unit → nanoseconds. */
const units: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

const part = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy;

/**
 * A duration in Go's notation (`30s`, `1m30s`, `1.5h`) as milliseconds, exact to the nanosecond. A bare number has no
 * unit and is an error, but for 0; so is a negative duration.
 */
export function parseDuration(value: string | number): Result<number, UnitError> {
  const text = String(value);
  if (text === '0') return ok(0);
  if (text.startsWith('-')) return err({ message: `\`${text}\` is negative` });
  if (/^[\d.]+$/.test(text)) {
    return err({ message: `\`${text}\` has no unit`, hint: `did you mean \`${text}s\`?` });
  }
  let nanoseconds = 0;
  let end = 0;
  for (const match of text.matchAll(part)) {
    nanoseconds += Number(match[1]) * (units[match[2] ?? ''] ?? 0);
    end = match.index + match[0].length;
  }
  if (text === '' || end !== text.length) return err(notDuration(text));
  const milliseconds = Math.round(nanoseconds) / 1e6;
  return Number.isFinite(milliseconds) ? ok(milliseconds) : err({ message: `\`${text}\` is too long` });
}

/** Milliseconds in Go's notation, without empty parts: `1m30s`, `250ms`, `0s`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s';
  if (milliseconds < 1000) return `${String(milliseconds)}ms`;
  const hours = Math.floor(milliseconds / 3_600_000);
  const minutes = Math.floor((milliseconds % 3_600_000) / 60_000);
  const seconds = (milliseconds % 60_000) / 1000;
  return [
    ...(hours > 0 ? [`${String(hours)}h`] : []),
    ...(minutes > 0 ? [`${String(minutes)}m`] : []),
    ...(seconds > 0 ? [`${String(seconds)}s`] : []),
  ].join('');
}

function notDuration(text: string): UnitError {
  const message = `\`${text}\` is no duration`;
  const [, days] = /^(\d+)d$/.exec(text) ?? [];
  if (days !== undefined) return { message, hint: `did you mean \`${String(Number(days) * 24)}h\`?` };
  return { message, hint: 'write it like `30s`, `1m30s` or `2h`' };
}
