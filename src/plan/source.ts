import type { ResourceTemplate } from '../model/desired.ts';
import { fieldPath, type FieldPath } from '../model/field-path.ts';
import type { SourceRange } from '../model/source.ts';

/** Where a manifest says what its agent is called: the line of what no other line causes. */
export const nameField = fieldPath('metadata', 'name');

/** The `range` of a diagnostic about a field; nothing where the field stands in no file. */
export function rangeAt(template: ResourceTemplate, path: FieldPath): { readonly range?: SourceRange } {
  const range = template.source.locate(path);
  return range ? { range } : {};
}

/** The `source` of a change or of a field of it. */
export function sourceAt(template: ResourceTemplate | undefined, path: FieldPath): { readonly source?: SourceRange } {
  const source = template?.source.locate(path);
  return source ? { source } : {};
}
