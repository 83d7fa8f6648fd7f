import { isEdge } from './address.ts';
import { edgeGiven, type EdgeDocument } from './edge.ts';
import type { ObservedResource } from './observed.ts';

type Edge = Pick<ObservedResource, 'address' | 'live' | 'record'>;

/** The document that an edge has now, else the one it was made with; `undefined` for what is no edge or has none. */
export function documentOf({ address, live, record }: Edge): EdgeDocument | undefined {
  if (!isEdge(address)) return undefined;
  const text = [live, record.lastApplied]
    .map(({ environment }) => (environment as Readonly<Record<string, unknown>> | undefined)?.[edgeGiven.variable])
    .find((value) => typeof value === 'string');
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as EdgeDocument;
  } catch {
    return undefined;
  }
}
