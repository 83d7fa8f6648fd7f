import {
  agentAddress,
  parseAddress,
  singleAddress,
  templateOf,
  type Address,
  type TemplateAddress,
} from '../model/address.ts';
import type { DesiredResource, ResourceTemplate, SpecHash } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { fieldPath } from '../model/field-path.ts';
import type { Cause } from '../model/plan.ts';
import { specHashOf } from '../model/version.ts';
import { isJsonObject, type Json, type JsonObject } from '../util/json.ts';
import type { PlanOptions } from './options.ts';
import { rangeAt } from './source.ts';

/** How an autoscaler changes the number of replicas: those from the lesser number on come or go. */
export type Scaling = Extract<Cause, { readonly type: 'scaled' }>;

/** The replicas of a template, and what is wrong with their ports. */
export interface Expansion {
  readonly scaling?: Scaling;
  readonly resources: readonly DesiredResource[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Makes the replicas that a template asks for: replica i takes the i-th port of a host port range. What `aac run` starts
 * is one, and takes the first, and so is the edge. `standing` are the addresses at which something stands: an autoscaled
 * agent keeps as many replicas as it has, within its bounds, unless `scale` says how many it is to have.
 */
export function expandReplicas(
  template: ResourceTemplate,
  standing: Iterable<Address>,
  scale?: PlanOptions['scale'],
): Expansion {
  if (template.kind !== 'agent') {
    return { resources: [replica(template, singleAddress(template.address), 0, template.spec)], diagnostics: [] };
  }
  const name = parseAddress(`${template.address}/0`)?.name;
  if (name === undefined) {
    const only = replica(template, singleAddress(template.address), 0, withPorts(template.spec, 0));
    return { resources: [only], diagnostics: [] };
  }
  const { count, most, scaling } = countOf(template, standing, scale);
  const resources: DesiredResource[] = [];
  for (let index = 0; index < count; index += 1) {
    const spec = withPorts(template.spec, index);
    const first = resources[0];
    const address = agentAddress(name, index);
    resources.push(replica(template, address, index, spec, spec === first?.spec ? first : undefined));
  }
  return { resources, diagnostics: portDiagnostics(template, most), ...(scaling ? { scaling } : {}) };
}

/** The hash is dear and most plans never ask for it, so it is worked out on demand, and once for `twin`s of one spec. */
function replica(
  template: ResourceTemplate,
  address: Address,
  index: number,
  spec: JsonObject,
  twin?: DesiredResource,
): DesiredResource {
  let hash: SpecHash | undefined;
  return {
    address,
    template,
    index,
    spec,
    get specHash() {
      return (hash ??= twin?.specHash ?? specHashOf(spec, template.mutable));
    },
  };
}

interface Count {
  readonly count: number;
  /** How many there may come to be. */
  readonly most: number;
  readonly scaling?: Scaling;
}

/** How many replicas now. A gap among those that stand is one to fill, so the highest of them counts. */
function countOf(template: ResourceTemplate, standing: Iterable<Address>, scale: PlanOptions['scale']): Count {
  const { replicas } = template;
  if (replicas.type === 'fixed') return { count: replicas.count, most: replicas.count };
  const observed = standingReplicas(template.address, standing);
  const request = scale?.get(template.address);
  const wanted = request?.replicas ?? (observed === 0 ? replicas.initial : observed);
  const count = Math.min(Math.max(wanted, replicas.min), replicas.max);
  const isScaled = request?.replicas === count && observed !== 0 && observed !== count;
  return {
    count,
    most: replicas.max,
    ...(isScaled ? { scaling: { type: 'scaled', from: observed, to: count, because: request.because } } : {}),
  };
}

/** How many replicas of a template there are, counted up to the last that stands. */
export function standingReplicas(template: TemplateAddress, standing: Iterable<Address>): number {
  const ofTemplate = [...standing].filter((address) => templateOf(address) === template);
  return Math.max(0, ...ofTemplate.map((address) => (parseAddress(address)?.index ?? 0) + 1));
}

/** The spec of one replica; the template's own where no port depends on the replica. */
function withPorts(spec: JsonObject, index: number): JsonObject {
  const { ports } = spec;
  if (!isJsonObject(ports)) return spec;
  const own = Object.entries(ports).map(([port, published]) => [port, withPort(published, index)] as const);
  if (own.every(([port, published]) => published === ports[port])) return spec;
  return { ...spec, ports: Object.fromEntries(own) };
}

function withPort(published: Json | undefined, index: number): Json | undefined {
  if (!isJsonObject(published)) return published;
  const range = portRange(published.host);
  if (!range || range.first === 0 || published.host === range.first + index) return published;
  return { ...published, host: range.first + index };
}

/** The first port and the number of ports; `undefined` when it is neither a port nor a range. */
function portRange(host: Json | undefined): { readonly first: number; readonly size: number } | undefined {
  if (typeof host === 'number') return { first: host, size: 1 };
  if (typeof host !== 'string') return undefined;
  const match = /^(\d+)(?:-(\d+))?$/.exec(host);
  if (!match) return undefined;
  const first = Number(match[1]);
  return { first, size: Number(match[2] ?? first) - first + 1 };
}

function portDiagnostics(template: ResourceTemplate, count: number): readonly Diagnostic[] {
  const { ports } = template.spec;
  if (!isJsonObject(ports)) return [];
  return Object.keys(ports)
    .sort()
    .flatMap((port): readonly Diagnostic[] => {
      const published = ports[port];
      const range = isJsonObject(published) ? portRange(published.host) : undefined;
      if (!range || range.first === 0 || range.size >= count) return [];
      const enough = `\`${String(range.first)}-${String(range.first + count - 1)}\``;
      const asked =
        range.size === 1 ? `one host port, \`${String(range.first)}\`,` : `${String(range.size)} host ports`;
      return [
        {
          code: 'too-few-ports',
          severity: 'error',
          message: `${asked} cannot serve ${String(count)} replicas of \`${template.address}\``,
          hint: `write a range of as many ports, such as ${enough}, or \`host: 0\` for any free port`,
          address: template.address,
          ...rangeAt(template, fieldPath('ports', port, 'host')),
        },
      ];
    });
}
