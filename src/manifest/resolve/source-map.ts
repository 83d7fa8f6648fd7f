import { fieldSegments } from '../../model/field-path.ts';
import { portKey } from '../../model/port.ts';
import type { SourceMap } from '../../model/source.ts';
import type { Json } from '../../util/json.ts';
import { valueAtPath } from '../issues.ts';
import { locate, type Place } from '../locate.ts';
import type { ParsedDocument } from '../parse.ts';
import { isWritten, type Path } from '../source-tree.ts';
import { below, fieldPlace } from './context.ts';
import type { Listed, MergedSpec } from './layers.ts';

/**
 * Leads from a field of a spec back to the manifest: to the field, the item of a list or the section it comes from, and
 * in the last resort to the agent's name. Nothing is worked out before it is asked for.
 */
export function agentSourceMap(document: ParsedDocument, merged: MergedSpec): SourceMap {
  return {
    locate: (path) => {
      const place = sourceOf(merged, document, fieldSegments(path));
      const written = place && isBelowSpec(merged, place) ? place : { document, path: ['metadata', 'name'] };
      return locate(written);
    },
  };
}

/** Where the field, or what it is made from, is written; `undefined` when it is a default of everything. */
function sourceOf(merged: MergedSpec, document: ParsedDocument, segments: readonly string[]): Place | undefined {
  const [head, key = '', ...rest] = segments;
  if (head === undefined) return undefined;
  const field = (...path: Path): Place => fieldPlace({ merged }, ...path);
  switch (head) {
    case 'labels': {
      const label = { document, path: ['metadata', 'labels', key.replace(/^dev\.aac\.label\//, '')] };
      return isWritten(document.tree, label.path) ? label : undefined;
    }
    case 'image':
      if (merged.fields.image !== undefined) return field('image');
      return { document, path: ['metadata', 'version'] };
    case 'command':
    case 'args':
      return merged.fields[head] === undefined ? field('runtime') : field(head);
    case 'environment':
      return environmentSource(merged, key);
    case 'ports':
      return itemField(
        merged.ports.find(
          ({ item }) => key === portKey(item.container, item.protocol ?? merged.portDefaults.protocol ?? 'tcp'),
        ),
        rest,
      );
    case 'volumes':
      return itemField(
        merged.volumes.find(({ item }) => item.target === key),
        rest,
      );
    case 'secrets':
      return itemField(
        merged.secrets.find(({ item }) => item.name === key),
        rest,
      );
    case 'network':
      if (key === 'extraHosts' && rest[0] !== undefined && merged.fields.network?.extraHosts?.[rest[0]] === undefined) {
        return itemField(
          merged.services.find(({ item }) => item.name === rest[0]),
          ['host'],
        );
      }
      return field('network', ...(key === 'name' ? ['mode'] : segments.slice(1)));
    case 'restartPolicy':
      return typeof writtenPolicy(merged) === 'string' ? field('restartPolicy') : field(...segments);
    case 'resources':
      return field(...segments.map((segment) => (segment === 'ephemeralStorage' ? 'ephemeral-storage' : segment)));
    default:
      return field(...segments);
  }
}

/** The policy as it stands in a file: a word, or a map. */
function writtenPolicy(merged: MergedSpec): Json | undefined {
  const place = fieldPlace({ merged }, 'restartPolicy');
  return valueAtPath(place.document.value, place.path);
}

/** A variable of the manifest, or one that another section sets. */
function environmentSource(merged: MergedSpec, name: string): Place | undefined {
  const variable = merged.environment.find(({ item }) => item.name === name);
  if (variable) {
    return below(variable.place, variable.item.value === undefined ? 'from' : 'value');
  }
  const secret = merged.secrets.find(({ item }) => item.env === name);
  if (secret) return below(secret.place, 'env');
  const [, model] = /^AAC_MODEL_(PROVIDER|NAME)$/.exec(name) ?? [];
  if (model !== undefined && merged.fields.model) return fieldPlace({ merged }, 'model', model.toLowerCase());
  const service = merged.services.find(({ item }) => {
    const prefix = item.name.toUpperCase().replaceAll('-', '_');
    return name === `${prefix}_HOST` || name === `${prefix}_PORT`;
  });
  return service?.place;
}

function itemField(listed: Listed<unknown> | undefined, rest: readonly string[]): Place | undefined {
  return listed && below(listed.place, ...rest);
}

/** Whether anything nearer than the whole spec is written of the place. */
function isBelowSpec(merged: MergedSpec, { document, path }: Place): boolean {
  if (path[0] === 'metadata') return isWritten(document.tree, path);
  const layer = merged.layers.find((candidate) => candidate.document === document);
  return layer !== undefined && isWritten(document.tree, path.slice(0, layer.prefix.length + 1));
}
