import type { Address, TemplateAddress } from '../model/address.ts';
import type { FieldPath } from '../model/field-path.ts';
import type { ReferenceState } from '../model/reference.ts';
import type { SourceMap } from '../model/source.ts';
import type { DeletionGuard } from './deletion-guard.ts';
import type { PlanFeature } from './fail-on.ts';
import type { QuarantineGuard } from './quarantine-guard.ts';
import type { Quotas } from './quotas.ts';

/** So many replicas, and in a few words why: `cpu 85 % of 70 %`. */
export interface ScaleRequest {
  readonly replicas: number;
  readonly because: string;
}

/** What a plan depends on besides the manifests and the world. Everything is optional; nothing of it is read lazily. */
export interface PlanOptions {
  /** How the values behind the recorded references compare with those of now, for each address. */
  readonly references?: ReadonlyMap<Address, ReadonlyMap<FieldPath, ReferenceState>>;
  /**
   * What the journal says was applied and not removed by aac: one of these that is not there was taken away by
   * somebody. It decides how a creation is explained, and that a one-shot asks before it runs again.
   */
  readonly applied?: ReadonlySet<Address>;
  /**
   * Plan only these agents and what they depend on, and prune only what was applied from these manifests and is
   * declared by none. Manifests are relative to the project root.
   */
  readonly selection?: { readonly agents: ReadonlySet<string>; readonly manifests: ReadonlySet<string> };
  /** Leave these agents as they are, and what depends on one of them that does not run. */
  readonly exclude?: ReadonlySet<string>;
  /** Leave these templates as they are too, of whatever kind. */
  readonly held?: ReadonlySet<TemplateAddress>;
  /** `false`: leave what nobody declares any more. */
  readonly prune?: boolean;
  /** How much may be deleted without anybody having named it; absent: anything. */
  readonly deletions?: DeletionGuard;
  /** What makes the plan one that is not to be carried out. */
  readonly failOn?: ReadonlySet<PlanFeature>;
  /** Manifests that are not to be applied again by a watch. */
  readonly quarantine?: QuarantineGuard;
  /** Take away everything of the scope; named volumes, with their data, only with `volumes`. */
  readonly destroy?: { readonly volumes: boolean };
  /** Replace these although nothing differs. */
  readonly replace?: ReadonlySet<Address>;
  /**
   * The plan is about these agents of `aac run` and nothing else. What they stand on is made where it is missing, else
   * taken as it is; taken away with them, or by itself where it is listed here, is only a network that neither a manifest
   * nor another agent has a use for.
   */
  readonly run?: ReadonlySet<Address>;
  /** How many replicas an autoscaler asks for; an autoscaled agent that is not among these keeps as many as it has. */
  readonly scale?: ReadonlyMap<TemplateAddress, ScaleRequest>;
  /** Milliseconds, in place of every agent's own deadline for getting ready. */
  readonly waitTimeout?: number;
  /** Engine ids of objects that are not started although they do not run, and why: somebody else sees to them. */
  readonly left?: ReadonlyMap<string, string>;
  /** Engine ids of objects that are walked past as long as nobody declares their agent: aac has let go of them. */
  readonly forgotten?: ReadonlySet<string>;
  /** Where the project's own settings are written. */
  readonly project?: SourceMap;
  /** What all agents may take together; absent: no bound. */
  readonly quotas?: Quotas;
  /** Names the workspace had before: what was applied under them is ours too. */
  readonly previousNames?: readonly string[];
}
