import type { Json } from '../../util/json.ts';
import { toInstance, toRun, type Instance, type Run } from './instance.ts';

/** Bytes that the record may take in an environment, where one entry holds 128 KiB at most. */
const limit = 32 * 1024;

/**
 * An instance and its run as one word for the environment of its latch. It is base64url, so that it is one word in the
 * output of `ps` too. A spec too large for it is left out: the object is then found, but what was applied is not known.
 */
export function encodeRecord(instance: Instance, run: Run): string {
  const whole = encode({ instance, run });
  if (whole.length <= limit) return whole;
  const record = { ...instance.record, lastApplied: {}, fingerprints: {} };
  return encode({ instance: { ...instance, record }, run });
}

/** Reads {@link encodeRecord} back; `undefined` when it cannot be read. */
export function decodeRecord(text: string | undefined): { readonly instance: Instance; readonly run: Run } | undefined {
  if (text === undefined) return undefined;
  try {
    const json = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as { instance?: Json; run?: Json } | null;
    const instance = toInstance(json?.instance);
    const run = toRun(json?.run);
    return instance && run ? { instance, run } : undefined;
  } catch {
    return undefined;
  }
}

function encode(value: { readonly instance: Instance; readonly run: Run }): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');
}
