import { isJsonObject, type Json } from '../../util/json.ts';
import { formatPath, type Place } from '../locate.ts';
import type { WrittenDefaults, WrittenSpec } from '../schema/agent.ts';
import { findNearest, isWritten, type Path } from '../source-tree.ts';
import type { ParsedDocument } from '../parse.ts';

/** One place a spec is written in: an agent's own, or a project's `defaults`. */
export interface Layer {
  readonly document: ParsedDocument;
  /** Where the spec begins in the document. */
  readonly prefix: Path;
  readonly spec: WrittenSpec | WrittenDefaults;
  readonly faults: readonly Path[];
  readonly indices: ReadonlyMap<string, readonly number[]>;
}

/** An item of a list that is keyed by name, and where it is written. */
export interface Listed<Item> {
  readonly item: Item;
  readonly place: Place;
}

type Written<Key extends keyof WrittenSpec> = NonNullable<WrittenSpec[Key]>;
type Item<Key extends 'environment' | 'secrets' | 'volumes' | 'services' | 'dependsOn'> = Written<Key>[number];
type PortMapping = Written<'ports'>[number][number];

type ListName = 'environment' | 'secrets' | 'ports' | 'volumes' | 'services' | 'dependsOn';

/** The fields that are no lists, aliases folded in, an agent's over the project's. */
export type MergedFields = Omit<WrittenSpec, ListName | 'replicas' | 'securityContext'>;

/** A spec and the defaults below it, as one. */
export interface MergedSpec {
  readonly layers: readonly Layer[];
  readonly fields: MergedFields;
  readonly environment: readonly Listed<Item<'environment'>>[];
  readonly secrets: readonly Listed<Item<'secrets'>>[];
  /** Those of one layer that name the same port are still apart. */
  readonly ports: readonly Listed<PortMapping>[];
  readonly portDefaults: { readonly hostIp?: string | undefined; readonly protocol?: 'tcp' | 'udp' | undefined };
  readonly volumes: readonly Listed<Item<'volumes'>>[];
  readonly services: readonly Listed<Item<'services'>>[];
  readonly dependsOn: readonly Listed<Item<'dependsOn'>>[];
}

/**
 * Puts an agent's layer over the project's: maps are merged, lists that are keyed by name (variables, ports, volumes …)
 * item by item, other lists replaced.
 */
export function mergeLayers(layers: readonly Layer[]): MergedSpec {
  const [own, ...defaults] = layers.map(fieldsOf);
  const defaultPorts = layers.map(({ spec }) => spec.ports).find((ports) => ports && !Array.isArray(ports));
  const portDefaults = defaultPorts && !Array.isArray(defaultPorts) ? defaultPorts : {};
  return {
    layers,
    fields: defaults.reduce((fields, below) => mergeFields(fields, below), own ?? {}),
    environment: mergeLists(layers, (layer) => listed(layer, ['environment'], layer.spec.environment), byName),
    secrets: mergeLists(layers, (layer) => listed(layer, ['secrets'], layer.spec.secrets), byName),
    ports: mergeLists(layers, portsOf, (port) => `${String(port.container)}/${port.protocol ?? 'tcp'}`),
    portDefaults,
    volumes: mergeLists(
      layers,
      (layer) => listed(layer, ['volumes'], layer.spec.volumes),
      (volume) => volume.target,
    ),
    services: mergeLists(layers, (layer) => listed(layer, ['services'], layer.spec.services), byName),
    dependsOn: mergeLists(
      layers,
      (layer) => listed(layer, ['dependsOn'], layer.spec.dependsOn),
      (dependency) => dependency.agent,
    ),
  };
}

/**
 * Where a field is written: in the agent's own manifest, else in the project's defaults, else the nearest part of the
 * agent's that is.
 */
export function placeOf(layers: readonly Layer[], path: Path): Place | undefined {
  for (const { document, prefix } of layers) {
    for (const spelled of spellings(path)) {
      const full = [...prefix, ...spelled];
      if (isWritten(document.tree, full)) return { document, path: full };
    }
  }
  const own = layers[0];
  return own && { document: own.document, path: nearest(own.document, own.prefix, spellings(path)) };
}

/** The other names a field goes by. */
export function spellings(path: Path): readonly Path[] {
  const [head, second, ...rest] = path;
  if (head === 'security') return [path, ['securityContext', ...path.slice(1)]];
  if (head === 'scaling' && second === 'replicas') return [path, ['replicas', ...rest]];
  return [path];
}

function nearest(document: ParsedDocument, prefix: Path, candidates: readonly Path[]): Path {
  const depths = candidates.map((path) => {
    const full = [...prefix, ...path];
    return { full, depth: findNearest(document.tree, full).depth };
  });
  return depths.reduce((best, next) => (next.depth > best.depth ? next : best)).full;
}

function byName(item: { readonly name: string }): string {
  return item.name;
}

function listed<Item>(layer: Layer, path: Path, items: readonly Item[] | undefined): readonly Listed<Item>[] {
  if (!items) return [];
  const list = [...layer.prefix, ...path];
  const indices = layer.indices.get(formatPath(list));
  return items.map((item, index) => ({
    item,
    place: { document: layer.document, path: [...list, indices?.[index] ?? index] },
  }));
}

function portsOf(layer: Layer): readonly Listed<PortMapping>[] {
  const { ports, network } = layer.spec;
  const both = [
    ...listed(layer, ['ports'], Array.isArray(ports) ? ports : undefined),
    ...listed(layer, ['network', 'ports'], network?.ports),
  ];
  return both.flatMap(({ item, place }) => item.map((mapping) => ({ item: mapping, place })));
}

function mergeLists<Item>(
  layers: readonly Layer[],
  listOf: (layer: Layer) => readonly Listed<Item>[],
  keyOf: (item: Item) => string,
): readonly Listed<Item>[] {
  const [own = [], ...defaults] = layers.map(listOf);
  return defaults.reduce<readonly Listed<Item>[]>((items, below) => {
    if (below.length === 0) return items;
    const taken = new Set(items.map(({ item }) => keyOf(item)));
    return [...items, ...below.filter(({ item }) => !taken.has(keyOf(item)))];
  }, own);
}

function fieldsOf({ spec }: Layer): MergedFields {
  const { replicas, securityContext, scaling, security, model, ...others } = spec;
  return {
    ...others,
    // half a model can only come from defaults, and says nothing without the other half
    ...(model?.provider === undefined || model.name === undefined
      ? {}
      : { model: { ...model, provider: model.provider, name: model.name } }),
    ...(scaling || replicas !== undefined
      ? { scaling: { ...(replicas === undefined ? {} : { replicas }), ...scaling } }
      : {}),
    ...(security || securityContext ? { security: { ...securityContext, ...security } } : {}),
  };
}

/** What one value stands for as a whole, so that parts of two are never mixed. */
const whole: ReadonlySet<string> = new Set(['runtime', 'restartPolicy']);

function mergeFields(over: MergedFields, below: MergedFields): MergedFields {
  const { healthCheck } = over;
  const ownCheck = healthCheck && (healthCheck.type ?? healthCheck.command ?? healthCheck.path ?? healthCheck.port);
  const base =
    ownCheck === undefined || !below.healthCheck
      ? below
      : // of another check only its timing is of use
        {
          ...below,
          healthCheck: {
            ...below.healthCheck,
            type: undefined,
            command: undefined,
            path: undefined,
            port: undefined,
          },
        };
  return deepMerge(base as Json, over as Json, whole) as MergedFields;
}

function deepMerge(below: Json | undefined, over: Json | undefined, apart: ReadonlySet<string>): Json | undefined {
  if (over === undefined) return below;
  if (!isJsonObject(below) || !isJsonObject(over)) return over;
  const merged: Record<string, Json | undefined> = { ...below };
  for (const [key, value] of Object.entries(over)) {
    merged[key] = apart.has(key) ? (value ?? below[key]) : deepMerge(below[key], value, noneApart);
  }
  return merged;
}

const noneApart: ReadonlySet<string> = new Set();
