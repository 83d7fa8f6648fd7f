import type { Brand } from '../util/brand.ts';
import { isJsonObject, type Json } from '../util/json.ts';

/**
 * A field of a spec as a JSON Pointer (RFC 6901): `/environment/LOG_LEVEL`, `/ports/8080~1tcp/host`. Specs key their
 * lists by name, so a pointer goes on naming the same thing when the list is reordered.
 */
export type FieldPath = Brand<string, 'FieldPath'>;

/** The pointer made of unescaped segments. */
export function fieldPath(...segments: readonly string[]): FieldPath {
  return segments.map((segment) => `/${segment.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('') as FieldPath;
}

/** The unescaped segments of a pointer. */
export function fieldSegments(path: FieldPath): readonly string[] {
  if (path === ('' as FieldPath)) return [];
  return path
    .slice(1)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** A field as people read it: `/ports/8080~1tcp/host` is `ports.8080/tcp.host`. */
export function formatFieldPath(path: FieldPath): string {
  return fieldSegments(path).join('.');
}

/** Whether `path` is `ancestor` or lies below it. */
export function isWithin(path: FieldPath, ancestor: FieldPath): boolean {
  return path === ancestor || path.startsWith(`${ancestor}/`);
}

/** The value a pointer names in `document`; `undefined` when there is none. */
export function valueAt(document: Json, path: FieldPath): Json | undefined {
  let value: Json | undefined = document;
  for (const segment of fieldSegments(path)) {
    if (Array.isArray(value)) value = (value as readonly Json[])[Number(segment)];
    else if (isJsonObject(value)) value = value[segment];
    else return undefined;
  }
  return value;
}
