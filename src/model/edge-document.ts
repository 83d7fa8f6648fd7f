import { isEdge } from './address.ts';
import type { EdgeDocument } from './edge.ts';
import type { ObservedResource } from './observed.ts';

/** The variable of an edge that holds its document. */
export const edgeDocumentVariable = 'AAC_EDGE_DOCUMENT';

/** The document that an edge was made with, by its record; `undefined` for what is no edge or has none. */
export function documentOf({
  address,
  record,
}: Pick<ObservedResource, 'address' | 'record'>): EdgeDocument | undefined {
  if (!isEdge(address)) return undefined;
  const environment = record.lastApplied.environment as Readonly<Record<string, unknown>> | undefined;
  const text = environment?.[edgeDocumentVariable];
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text) as EdgeDocument;
  } catch {
    return undefined;
  }
}
