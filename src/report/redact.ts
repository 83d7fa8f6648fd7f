import type { Json } from '../util/json.ts';
import { sensitive } from './field-value.ts';

/**
 * Values below this length are left alone: a sensitive variable often holds `info`, `true` or `8080`, and hiding every
 * one of those would wreck the output without hiding a secret.
 */
export const shortestRedacted = 6;

/**
 * Replaces every occurrence of the given values by `(sensitive)`, overlapping ones together, also where they stand
 * escaped as JSON, encoded for a URL, or in base64 (whole, or inside of a longer text that was encoded).
 */
export function createRedactor(values: readonly string[]): (text: string) => string {
  const needles = [...new Set(values.filter((value) => value.length >= shortestRedacted).flatMap(formsOf))];
  needles.sort((left, right) => right.length - left.length);
  return (text) => {
    const found = needles.flatMap((needle) => occurrences(text, needle));
    return found.length === 0 ? text : replaceRanges(text, found);
  };
}

/** A document in which every text has passed `redact`, and no number, key or brace has. */
export function redactTexts(document: Json, redact: (text: string) => string): Json {
  if (typeof document === 'string') return redact(document);
  if (typeof document !== 'object' || document === null) return document;
  if (Array.isArray(document)) return (document as readonly Json[]).map((item) => redactTexts(item, redact));
  return Object.fromEntries(
    Object.entries(document).flatMap(([key, member]) =>
      member === undefined ? [] : [[key, redactTexts(member, redact)] as const],
    ),
  );
}

type Range = readonly [start: number, end: number];

function occurrences(text: string, needle: string): readonly Range[] {
  const found: Range[] = [];
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1)) found.push([at, at + needle.length]);
  return found;
}

function replaceRanges(text: string, ranges: readonly Range[]): string {
  let result = '';
  let done = 0;
  for (const [start, end] of [...ranges].sort(([left], [right]) => left - right)) {
    if (start >= done) result += text.slice(done, start) + sensitive;
    done = Math.max(done, end);
  }
  return result + text.slice(done);
}

function formsOf(value: string): readonly string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const url = encodeUrl(value);
  const forms = [
    value,
    json,
    JSON.stringify(json).slice(1, -1), // a JSON text inside of another
    url,
    url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    url.replaceAll('%20', '+'),
    ...value.split(/\r?\n/), // a report shows a text of several lines line by line
    ...base64Forms(value),
  ];
  return forms.filter((form) => form.length >= shortestRedacted);
}

/** As `encodeURIComponent`, which throws at half a surrogate pair. */
function encodeUrl(value: string): string {
  return encodeURIComponent(value.replace(/\p{Surrogate}/gu, '\ufffd'));
}

/**
 * The value in base64: whole, and what is sure to stand in the base64 of any longer text that holds the value, which
 * depends on where in a group of three bytes the value begins.
 */
function base64Forms(value: string): readonly string[] {
  const bytes = Buffer.from(value, 'utf8');
  const inner = [0, 1, 2].map((lead) => {
    const shifted = Buffer.concat([Buffer.alloc(lead), bytes]);
    const first = Math.ceil((lead * 8) / 6);
    const last = Math.floor((shifted.length * 8) / 6);
    return shifted.toString('base64').slice(first, last);
  });
  const all = [bytes.toString('base64'), bytes.toString('base64').replace(/=+$/, ''), ...inner];
  return [...all, ...all.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))];
}
