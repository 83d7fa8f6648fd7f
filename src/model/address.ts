import type { Brand } from '../util/brand.ts';

/** What kind of thing a resource is. */
export type ResourceKind = 'agent' | 'network' | 'volume';

/** One thing that can run or stand: `agent/web/0`, `network/default`, `volume/model-cache`, `run/adhoc`, `edge/edge`. */
export type Address = Brand<string, 'Address'>;

/** What a manifest declares: `agent/web` (all its replicas), `network/default`, `volume/model-cache`. */
export type TemplateAddress = Brand<string, 'TemplateAddress'>;

/** The template of an agent, all replicas of it. */
export function agentTemplate(name: string): TemplateAddress {
  return `agent/${name}` as TemplateAddress;
}

/** The template of one of the project's networks. */
export function networkTemplate(name: string): TemplateAddress {
  return `network/${name}` as TemplateAddress;
}

/** The template of one of the project's named volumes. */
export function volumeTemplate(name: string): TemplateAddress {
  return `volume/${name}` as TemplateAddress;
}

/** The edge of a project, of which there is one. */
export const edgeTemplate = 'edge/edge' as TemplateAddress;

/** Whether an address is that of the edge. */
export function isEdge(address: Address): boolean {
  return (address as string) === edgeTemplate;
}

/** The `index`-th replica of an agent, counted from 0. */
export function agentAddress(name: string, index: number): Address {
  return `agent/${name}/${String(index)}` as Address;
}

/** The address of a network or volume, which has no replicas. */
export function singleAddress(template: TemplateAddress): Address {
  return template as string as Address;
}

/** An agent that was started without a file. */
export function runAddress(name: string): Address {
  return `run/${name}` as Address;
}

/** The template of an agent that was started without a file: itself, as it has no replicas. */
export function runTemplate(name: string): TemplateAddress {
  return `run/${name}` as TemplateAddress;
}

/** The parts of an address: `agent/web/0` is `{ kind: 'agent', name: 'web', index: 0 }`; a `run/x` is an agent too, and so is the edge. */
export interface AddressParts {
  readonly kind: ResourceKind;
  readonly name: string;
  /** The replica; absent for networks, volumes and agents started by `aac run`. */
  readonly index?: number;
}

/** Reads an address back; `undefined` when `text` is none. */
export function parseAddress(text: string): AddressParts | undefined {
  const match = /^(?:agent\/([^/]+)\/(\d+)|(network|volume|run|edge)\/([^/]+))$/.exec(text);
  if (!match) return undefined;
  const [, agent, index, kind, name] = match;
  if (agent !== undefined) return { kind: 'agent', name: agent, index: Number(index) };
  if (name === undefined) return undefined;
  return { kind: kind === 'network' || kind === 'volume' ? kind : 'agent', name };
}

/** The template that an address is an instance of. */
export function templateOf(address: Address): TemplateAddress {
  const parts = parseAddress(address);
  return (parts?.index === undefined ? address : `agent/${parts.name}`) as TemplateAddress;
}
