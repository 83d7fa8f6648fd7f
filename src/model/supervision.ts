import { isJsonObject, type Json } from '../util/json.ts';
import type { Health } from './health.ts';

/**
 * What the supervisor in `aac watch` remembers of one object, in `<state>/supervision/<object name>.json`. Only the
 * supervisor writes it; whoever lists agents reads it. Times are milliseconds since the epoch.
 */
export interface Supervision {
  readonly format: 1;
  /** The engine id; a file about another object of the same name means nothing. */
  readonly ref: string;
  /** When the process started that this is about, as the driver tells it: tells one life of an object from the next. */
  readonly life: string;
  /** How often the supervisor has started it again. */
  readonly restarts: number;
  /** Restarts in a row, none of which has lasted: they set the next delay. */
  readonly streak: number;
  /** When it failed, as far as that still counts towards giving up. */
  readonly failures: readonly number[];
  readonly state: SupervisionState;
  readonly health: Health;
  /** What the last failing check said. */
  readonly healthMessage?: string;
}

/** How the supervisor stands to an object; see the machine in `watch/restart-policy.ts`. */
export type SupervisionState =
  | { readonly type: 'running' }
  /** It will be restarted at `until`. */
  | { readonly type: 'waiting'; readonly until: number; readonly because: string }
  /** A restart is under way, or was when the supervisor was killed. */
  | { readonly type: 'restarting'; readonly because: string }
  /** It ended, and its restart policy leaves it at that. */
  | { readonly type: 'done' }
  /** Somebody stopped it with aac: no crash. */
  | { readonly type: 'stopped' }
  /** Given up: starting it is left to a person or a changed manifest. */
  | { readonly type: 'failed'; readonly because: string };

/** Whether JSON from a file is a supervision that this version can read. */
export function toSupervision(json: Json | undefined): Supervision | undefined {
  if (!isJsonObject(json) || json.format !== 1 || !isJsonObject(json.state) || !Array.isArray(json.failures)) {
    return undefined;
  }
  const { ref, life, restarts, streak, health } = json;
  const texts = [ref, life, health].every((text) => typeof text === 'string');
  return texts && typeof restarts === 'number' && typeof streak === 'number'
    ? (json as unknown as Supervision)
    : undefined;
}
