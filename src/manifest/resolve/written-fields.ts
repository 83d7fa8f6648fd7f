import type { WrittenField } from '../../model/agent.ts';
import { isJsonObject, type Json } from '../../util/json.ts';
import { valueAtPath } from '../issues.ts';
import { formatPath, locate, type Place } from '../locate.ts';
import { carriedFields } from '../schema/words.ts';
import { isWritten, type Path } from '../source-tree.ts';
import { checkType } from './health-check.ts';
import { fieldPlace } from './context.ts';
import { spellings, type Layer, type MergedSpec } from './layers.ts';

/** Lists whose items are told field by field. */
const keyedLists: ReadonlySet<string> = new Set([
  'environment',
  'secrets',
  'ports',
  'network.ports',
  'volumes',
  'services',
  'dependsOn',
]);

/** Maps whose keys are people's own. */
const opaque: ReadonlySet<string> = new Set([
  'config',
  'capabilities',
  'dependencies',
  'network.extraHosts',
  ...carriedFields,
]);

/** Other names of a field → the one it is told under. */
const canonical: readonly (readonly [RegExp, string])[] = [
  [/^securityContext(?=\.|$)/, 'security'],
  [/^replicas$/, 'scaling.replicas'],
  [/^network\.ports(?=\.|$)/, 'ports'],
];

/** The fields that an agent's manifest and, where that says nothing, the project's defaults wrote. */
export function writtenFields(merged: MergedSpec): readonly WrittenField[] {
  const kept = keptItems(merged);
  const fields = merged.layers.flatMap((layer, index) => {
    const above = merged.layers.slice(0, index);
    const spec = valueAtPath(layer.document.value, layer.prefix);
    return isJsonObject(spec)
      ? fieldsBelow(spec, [])
          .filter(({ path }) => above.length === 0 || (!isOverridden(merged, above, path) && isKept(kept, layer, path)))
          .map(({ path, value }) => writtenField(layer, path, value))
      : [];
  });
  const { healthCheck } = merged.fields;
  const type = healthCheck?.type === undefined && healthCheck ? checkType(healthCheck) : undefined;
  if (type === undefined) return fields;
  const place = fieldPlace({ merged }, 'healthCheck');
  return [...fields, { name: 'healthCheck.type', value: type, range: () => locate(place, 'key') }];
}

interface Leaf {
  readonly path: Path;
  readonly value?: string | number | boolean;
}

function fieldsBelow(value: Json | undefined, path: Path): readonly Leaf[] {
  if (value === null || value === undefined) return [];
  if (typeof value !== 'object') return [{ path, value }];
  const name = nameOf(path);
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    if (items.length === 0) return [];
    return keyedLists.has(name) ? items.flatMap((item, index) => fieldsBelow(item, [...path, index])) : [{ path }];
  }
  if (opaque.has(name)) return [{ path }];
  return Object.entries(value).flatMap(([key, member]) => fieldsBelow(member, [...path, key]));
}

function writtenField(layer: Layer, path: Path, value: Leaf['value']): WrittenField {
  const place: Place = { document: layer.document, path: [...layer.prefix, ...path] };
  const name = canonical.reduce((text, [pattern, by]) => text.replace(pattern, by), nameOf(path));
  return { name, ...(value === undefined ? {} : { value }), range: () => locate(place) };
}

/** The path in the manifest's words, without the indices of lists. */
function nameOf(path: Path): string {
  return path.filter((segment) => typeof segment !== 'number').join('.');
}

function isOverridden(merged: MergedSpec, layers: readonly Layer[], path: Path): boolean {
  const list = path.findIndex((segment) => typeof segment === 'number');
  if (list !== -1) return false; // items are told apart by `isKept`
  const [head, field] = path;
  if (head === 'ports' && (field === 'hostIp' || field === 'protocol')) {
    return merged.ports.every(({ item }) => item[field] !== undefined); // no port takes it from the defaults
  }
  return layers.some(({ document, prefix }) =>
    spellings(path).some((spelled) => isWritten(document.tree, [...prefix, ...spelled])),
  );
}

/** The items of keyed lists that came out of the merge, as formatted paths by document. */
function keptItems(merged: MergedSpec): ReadonlySet<string> {
  if (merged.layers.length < 2) return new Set();
  const lists = [merged.environment, merged.secrets, merged.ports, merged.volumes, merged.services, merged.dependsOn];
  return new Set(lists.flatMap((list) => list.map(({ place }) => keyOf(place.document.file.path, place.path))));
}

function isKept(kept: ReadonlySet<string>, { document, prefix }: Layer, path: Path): boolean {
  const item = path.findIndex((segment) => typeof segment === 'number');
  if (item === -1) return true;
  return kept.has(keyOf(document.file.path, [...prefix, ...path.slice(0, item + 1)]));
}

function keyOf(file: string, path: Path): string {
  return `${file}\n${formatPath(path)}`;
}
