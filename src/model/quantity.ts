import { err, ok, type Result } from '../util/result.ts';
import type { UnitError } from './unit-error.ts';

const binary: Readonly<Record<string, bigint>> = {
  Ki: 2n ** 10n,
  Mi: 2n ** 20n,
  Gi: 2n ** 30n,
  Ti: 2n ** 40n,
  Pi: 2n ** 50n,
  Ei: 2n ** 60n,
};

/** Powers of ten, of a thousandth: `m` is 1. */
const decimal: Readonly<Record<string, bigint>> = {
  m: 1n,
  '': 10n ** 3n,
  k: 10n ** 6n,
  M: 10n ** 9n,
  G: 10n ** 12n,
  T: 10n ** 15n,
  P: 10n ** 18n,
  E: 10n ** 21n,
};

const grammar = /^([+-]?)(\d+\.?\d*|\.\d+)(?:([KMGTPE]i)|([mkMGTPE])|[eE]([+-]?\d{1,3}))?$/;

/**
 * A CPU quantity (`500m`, `0.5`, `2`) as nano-cores: 1e9 is one core. Finer than a thousandth of a core is rounded up,
 * as Kubernetes does.
 */
export function parseCpu(value: string | number): Result<number, UnitError> {
  const milli = parseMilli(String(value));
  if (milli === undefined) {
    return err({ message: `\`${value}\` is no amount of CPU`, hint: 'write cores, such as `0.5`, `500m` or `2`' });
  }
  return bounded(milli * 1_000_000n, value);
}

/**
 * A quantity of bytes (`512Mi`, `2G`, `1073741824`), fractions of a byte rounded up. Kubernetes' grammar alone: `512m`
 * would be 0.512 byte and `2GB` is none, so both are errors that say what was probably meant.
 */
export function parseBytes(value: string | number): Result<number, UnitError> {
  const text = String(value);
  const milli = parseMilli(text);
  if (milli === undefined) return err(notBytes(text));
  if (text.endsWith('m')) {
    const amount = text.slice(0, -1);
    return err({ message: `\`${text}\` is ${thousandth(milli)} byte`, hint: `did you mean \`${amount}Mi\`?` });
  }
  if (milli > 0n && milli < 1000n) {
    return err({ message: `\`${text}\` is less than a byte`, hint: `did you mean \`${text}Gi\`?` });
  }
  return bounded((milli + 999n) / 1000n, value);
}

/** Nano-cores as a quantity: `500m`, `2`. */
export function formatCpu(nanoCores: number): string {
  const milli = Math.ceil(nanoCores / 1e6);
  return milli % 1000 === 0 ? String(milli / 1000) : `${String(milli)}m`;
}

/** Bytes as the shortest exact quantity: `512Mi`, `1G`, `1000001`. */
export function formatBytes(bytes: number): string {
  const value = BigInt(bytes);
  if (value === 0n) return '0';
  const fits = (table: Readonly<Record<string, bigint>>, unit: bigint): string | undefined =>
    Object.entries(table)
      .filter(([, factor]) => factor > unit && (value * unit) % factor === 0n)
      .map(([suffix, factor]) => `${String((value * unit) / factor)}${suffix}`)
      .at(-1);
  return fits(binary, 1n) ?? fits(decimal, 1000n) ?? String(bytes);
}

/** A measured number of bytes to read: whole mebibytes, rounded up, where there is at least one. */
export function aboutBytes(bytes: number): string {
  const mebibyte = 1024 ** 2;
  return bytes < mebibyte ? formatBytes(bytes) : `${String(Math.ceil(bytes / mebibyte))}Mi`;
}

/** Thousandths, rounded up; `undefined` when `text` is not a quantity. */
function parseMilli(text: string): bigint | undefined {
  const match = grammar.exec(text);
  if (!match) return undefined;
  const [, sign, number = '', binarySuffix, decimalSuffix = '', exponent] = match;
  const [whole = '', fraction = ''] = number.split('.');
  let numerator = BigInt(`${whole}${fraction}`) * scaleOf(binarySuffix, decimalSuffix);
  let denominator = 10n ** BigInt(fraction.length);
  if (exponent !== undefined) {
    const power = Number(exponent);
    if (power >= 0) numerator *= 10n ** BigInt(power);
    else denominator *= 10n ** BigInt(-power);
  }
  const milli = (numerator + denominator - 1n) / denominator;
  return sign === '-' ? -milli : milli;
}

function scaleOf(binarySuffix: string | undefined, decimalSuffix: string): bigint {
  if (binarySuffix !== undefined) return (binary[binarySuffix] ?? 1n) * 1000n;
  return decimal[decimalSuffix] ?? 1000n;
}

function bounded(value: bigint, written: string | number): Result<number, UnitError> {
  if (value < 0n) return err({ message: `\`${written}\` is negative` });
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) return err({ message: `\`${written}\` is too large` });
  return ok(Number(value));
}

function thousandth(milli: bigint): string {
  return String(Number(milli) / 1000);
}

function notBytes(text: string): UnitError {
  const message = `\`${text}\` is no quantity`;
  const [, amount, suffix = ''] = /^(\d+(?:\.\d+)?) ?([a-z]+)$/i.exec(text) ?? [];
  const unit = suffix.charAt(0).toUpperCase();
  if (amount === undefined || (unit !== 'B' && !(`${unit}i` in binary))) {
    return { message, hint: 'write bytes, such as `512Mi`, `2Gi` or `1G`' };
  }
  if (unit === 'B') return { message, hint: `did you mean \`${amount}\`?` };
  if (/^.ib?$/i.test(suffix)) return { message, hint: `did you mean \`${amount}${unit}i\`?` };
  return { message, hint: `did you mean \`${amount}${unit === 'K' ? 'k' : unit}\` or \`${amount}${unit}i\`?` };
}
