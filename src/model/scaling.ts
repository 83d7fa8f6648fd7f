import { isJsonObject, type Json } from '../util/json.ts';

/** What an autoscaler remembers of one agent; plain JSON. Times are milliseconds since the epoch. */
export interface ScalingMemory {
  /** When each number was asked for last, before stabilisation; oldest first, no older than the longer delay. */
  readonly recommendations: readonly { readonly at: number; readonly replicas: number }[];
  /** How the number changed, no older than the period that bounds growth. */
  readonly changes: readonly { readonly at: number; readonly by: number }[];
}

/**
 * What the autoscaler in `aac watch` found at its last look at an agent, in `<state>/scaling/<agent>.json`. Only the
 * autoscaler writes it; whoever tells of agents reads it.
 */
export interface Scaling {
  readonly format: 1;
  /** When it looked, in milliseconds since the epoch. */
  readonly at: number;
  /** How many replicas there are to be. */
  readonly replicas: number;
  /** What it went by, as in `cpu 85 % of 70 %`. */
  readonly because: string;
  readonly memory: ScalingMemory;
}

/** Whether JSON from a file is a scaling that this version can read. */
export function toScaling(json: Json | undefined): Scaling | undefined {
  if (!isJsonObject(json) || json.format !== 1 || !isJsonObject(json.memory)) return undefined;
  const { at, replicas, because, memory } = json;
  const lists = Array.isArray(memory.recommendations) && Array.isArray(memory.changes);
  return lists && typeof at === 'number' && typeof replicas === 'number' && typeof because === 'string'
    ? (json as unknown as Scaling)
    : undefined;
}
