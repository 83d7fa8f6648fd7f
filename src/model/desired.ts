import type { Brand } from '../util/brand.ts';
import type { JsonObject } from '../util/json.ts';
import type { Address, ResourceKind, TemplateAddress } from './address.ts';
import type { DriverName, Scope } from './agent.ts';
import type { FieldPath } from './field-path.ts';
import type { References } from './reference.ts';
import type { SourceMap } from './source.ts';
import type { HealthCheck } from './spec.ts';

/** SHA-256 over the fields of a spec that force a replacement. */
export type SpecHash = Brand<string, 'SpecHash'>;

/** A field that the driver can change without replacing; `unset` says whether it can also be taken away so. */
export interface MutableField {
  readonly path: FieldPath;
  readonly unset: 'in-place' | 'replace';
}

/** An edge to another template, and when it counts as met. */
export interface Dependency {
  readonly address: TemplateAddress;
  readonly until: 'exists' | 'started' | 'ready' | 'completed';
}

/** How many replicas the planner is to expand a template to. With `autoscaled` the observed count is kept within. */
export type Replicas =
  | { readonly type: 'fixed'; readonly count: number }
  | { readonly type: 'autoscaled'; readonly initial: number; readonly min: number; readonly max: number };

/** How a replacement goes. */
export type Rollout =
  | { readonly strategy: 'recreate' }
  | { readonly strategy: 'rolling'; readonly maxSurge: number; readonly maxUnavailable: number };

/** When a started resource counts as ready, and how long to wait for it. Milliseconds. */
export interface Readiness {
  /** Absent: running is ready. */
  readonly check?: HealthCheck;
  /** A one-shot is ready once it has completed. */
  readonly oneShot: boolean;
  readonly minReady: number;
  readonly deadline: number;
}

/** What a driver's `compile` makes of a manifest: one template for all replicas. */
export interface ResourceTemplate {
  readonly address: TemplateAddress;
  readonly driver: DriverName;
  readonly kind: ResourceKind;
  readonly spec: JsonObject;
  readonly references: References;
  readonly mutable: readonly MutableField[];
  readonly ignore: readonly FieldPath[];
  readonly dependsOn: readonly Dependency[];
  readonly protect: boolean;
  readonly rollout: Rollout;
  /** The driver can withhold the agent's names from a replica until it is ready. */
  readonly routes?: boolean;
  readonly replicas: Replicas;
  readonly readiness: Readiness;
  /** Image to have before anything is created. */
  readonly image?: { readonly name: string; readonly pullPolicy: 'IfNotPresent' | 'Always' | 'Never' };
  /** Names that the agent had before: what stands under them is its own. */
  readonly previousNames?: readonly string[];
  /** The manifest, relative to the project root. */
  readonly manifest: string;
  readonly source: SourceMap;
}

/** All that the manifests ask for. */
export interface DesiredState {
  readonly workspace: string;
  readonly scope: Scope;
  readonly templates: ReadonlyMap<TemplateAddress, ResourceTemplate>;
}

/** One replica of a template, as the planner compares it: its spec has no ranges left. */
export interface DesiredResource {
  readonly address: Address;
  readonly template: ResourceTemplate;
  readonly index: number;
  readonly spec: JsonObject;
  readonly specHash: SpecHash;
}
