import * as z from 'zod';
import { parseDuration } from '../../model/duration.ts';
import { isIp } from '../../model/port.ts';
import { parseBytes, parseCpu } from '../../model/quantity.ts';
import type { UnitError } from '../../model/unit-error.ts';
import { err, ok, type Result } from '../../util/result.ts';
import { didYouMean } from '../nearest-word.ts';
import { capabilities, signals } from './words.ts';

/** A value that is read by `parse` after its shape was checked. */
export function parsed<Input extends z.ZodType, Output>(
  input: Input,
  parse: (value: z.output<Input>) => Result<Output, UnitError>,
) {
  return input.transform((value, context): Output => {
    const result = parse(value);
    if (result.ok) return result.value;
    const { message, hint } = result.error;
    context.issues.push({ code: 'custom', message, input: value, ...(hint === undefined ? {} : { params: { hint } }) });
    return z.NEVER;
  });
}

/** Some text, at least one character of it. */
export const text = z.string().min(1);

/** The pattern of a DNS label, at most 63 characters. */
export const dnsLabelPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export const dnsLabel = z
  .string()
  .regex(dnsLabelPattern, 'must be a DNS label: at most 63 lower-case letters, digits and dashes');

/** The name of something an engine keeps: a network or a volume. */
export const objectName = z
  .string()
  .regex(
    /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/,
    'must begin with a letter or digit and hold letters, digits, `_`, `.` and `-`',
  );

export const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, 'must be the name of a variable: letters, digits and `_`, no digit first');

export const absolutePath = z.string().regex(/^\//, 'must be an absolute path');

export const textList = z.array(z.string());

const textOrNumber = z.union([z.string(), z.number()]);

/** Milliseconds. */
export const duration = parsed(textOrNumber, parseDuration);

/** Milliseconds, at least one: an engine takes 0 for "the default" and refuses less than 1. */
export const positiveDuration = parsed(textOrNumber, (value) =>
  atLeast(parseDuration(value), 1, 'must be at least `1ms`'),
);

/** Nano-cores, more than none. */
export const cpu = parsed(textOrNumber, (value) => atLeast(parseCpu(value), 1, 'must be more than 0'));

/** Bytes, more than none. */
export const bytes = parsed(textOrNumber, (value) => atLeast(parseBytes(value), 1, 'must be more than 0'));

export const count = z.int().min(0);

export const positive = z.int().min(1);

export const portNumber = z.int().min(1).max(65_535);

export const percent = z.int().min(1);

export const ip = parsed(z.string(), parseIp);

/** A capability without `CAP_`, upper-case. */
export const capability = parsed(z.string(), (value) => {
  const name = value.toUpperCase().replace(/^CAP_/, '');
  return capabilities.includes(name) ? ok(name) : unknownWord('Linux capability', value, name, capabilities);
});

/** A signal with `SIG`, upper-case. */
export const signal = parsed(z.string(), (value) => {
  const name = `SIG${value.toUpperCase().replace(/^SIG/, '')}`;
  return signals.includes(name) ? ok(name) : unknownWord('signal', value, name, signals);
});

/** An IPv4 or IPv6 address. */
export function parseIp(value: string): Result<string, UnitError> {
  return isIp(value) ? ok(value) : err({ message: `\`${value}\` is no IP address` });
}

function unknownWord(
  what: string,
  written: string,
  name: string,
  candidates: readonly string[],
): Result<never, UnitError> {
  const hint = didYouMean(name, candidates);
  return err({ message: `\`${written}\` is no ${what}`, ...(hint === undefined ? {} : { hint }) });
}

function atLeast(parsedValue: Result<number, UnitError>, minimum: number, message: string): Result<number, UnitError> {
  return parsedValue.ok && parsedValue.value < minimum ? err({ message }) : parsedValue;
}
