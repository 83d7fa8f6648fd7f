import { createHash, createHmac } from 'node:crypto';
import { canonicalJson, type Json } from './json.ts';

/** SHA-256 of the canonical text of `value`, in lower-case hex, cut to `length` digits (64 unless told). */
export function hashJson(value: Json, length = 64): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, length);
}

/** SHA-256 of a text in lower-case hex, cut to `length` digits. */
export function hashText(text: string, length = 64): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}

/** HMAC-SHA-256 (RFC 2104) of `text` under `key`, in lower-case hex. */
export function hmac(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}
