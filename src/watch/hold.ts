import { parseAddress, templateOf, type Address, type TemplateAddress } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ApprovalReason, Cause, Change, ChangeAction, Plan } from '../model/plan.ts';
import type { PlanHold } from '../runtime/plan-workspace.ts';
import { groupBy } from '../util/group.ts';
import type { WindowState } from './windows.ts';

/** Why a watch does not make a change that it would otherwise make. */
export type HoldReason =
  | { readonly type: 'suspended' }
  /** A rollout or a call failed: tried again at `until`, or once something changes. */
  | { readonly type: 'failed'; readonly message: string; readonly until?: number }
  /** This manifest has failed before, or somebody went back from it. */
  | { readonly type: 'quarantine'; readonly why: string }
  | { readonly type: 'window'; readonly until?: number }
  | { readonly type: 'approval'; readonly approval: ApprovalReason }
  | { readonly type: 'mass-delete' }
  | { readonly type: 'no-heal' }
  | { readonly type: 'no-prune' }
  /** Nothing is taken for undeclared while there is a manifest that cannot be read. */
  | { readonly type: 'broken-manifest' };

/** A change that is held back. */
export interface HeldChange {
  readonly address: Address;
  readonly action: ChangeAction;
  readonly cause: Cause;
  readonly reason: HoldReason;
}

/** What holds changes back. */
export interface HoldPolicy {
  readonly isSuspended: (agent: string) => boolean;
  /** The whole workspace is. */
  readonly allSuspended: boolean;
  readonly window: WindowState;
  /** Agents that are on the way back from a failed rollout, which no window keeps waiting. */
  readonly goesBack?: (template: TemplateAddress) => boolean;
  readonly heal: boolean;
  readonly prune: 'yes' | 'no' | 'not while broken';
  /** Why the manifest of an agent, as it is, is in quarantine. */
  readonly quarantined: (template: TemplateAddress) => string | undefined;
  /** How the last try of an agent failed, if it is not to be tried now. */
  readonly failed: (
    agent: string,
    changes: readonly Change[],
  ) => Omit<HoldReason & { type: 'failed' }, 'type'> | undefined;
}

/** What is to be held back of one plan. */
export interface Held extends PlanHold {
  readonly changes: readonly HeldChange[];
  /** What is wrong with single agents: they are left as they are, and the others are not kept waiting. */
  readonly faults: readonly Diagnostic[];
}

/**
 * What a watch must not do of a plan that it could carry out. An agent is held back whole: with one replica all of them.
 */
export function holdBack({ changes, diagnostics }: Plan, policy: HoldPolicy): Held {
  const templates = new Set<TemplateAddress>();
  const faults = diagnostics.filter(({ severity, address }) => severity === 'error' && isOfAgent(address));
  for (const { address } of faults) if (address !== undefined) templates.add(templateOf(address as Address));
  const massDelete = diagnostics.filter(({ code }) => code === 'mass-delete');
  const isMassDelete = massDelete.length > 0;
  const byTemplate = groupBy(changes, ({ address }) => templateOf(address));
  const held: HeldChange[] = [];
  let prune = policy.prune === 'yes' && !isMassDelete;
  for (const [template, own] of byTemplate) {
    if (templates.has(template)) continue;
    const wanted = own.filter((change) => change.action !== 'no-op' || change.approval?.type === 'protected');
    if (wanted.length === 0) continue;
    const undeclared = wanted.every(({ cause }) => cause.type === 'undeclared');
    const reason =
      reasonToHold(template, wanted, policy) ?? (undeclared ? reasonToKeep(policy, isMassDelete) : undefined);
    if (!reason) continue;
    for (const { address, action, cause } of wanted) held.push({ address, action, cause, reason });
    templates.add(template);
  }
  if (held.some(({ reason }) => reason.type === 'window') || policy.allSuspended) prune = false;
  return { templates, prune, changes: held, faults: [...faults, ...massDelete.map(forAPerson)] };
}

function reasonToHold(
  template: TemplateAddress,
  wanted: readonly Change[],
  policy: HoldPolicy,
): HoldReason | undefined {
  const agent = /^agent\/(.+)$/.exec(template)?.[1];
  if (policy.allSuspended || (agent !== undefined && policy.isSuspended(agent))) return { type: 'suspended' };
  const quarantined = agent === undefined ? undefined : policy.quarantined(template);
  if (quarantined !== undefined) return { type: 'quarantine', why: quarantined };
  const failed = agent === undefined ? undefined : policy.failed(agent, wanted);
  if (failed) return { type: 'failed', ...failed };
  const approval = wanted.find((change) => change.approval)?.approval;
  if (approval) return { type: 'approval', approval };
  const { window } = policy;
  if (window.type === 'closed' && !policy.goesBack?.(template) && !wanted.every(passesWindows)) {
    return { type: 'window', ...(window.until === undefined ? {} : { until: window.until }) };
  }
  return !policy.heal && wanted.every(isHealing) ? { type: 'no-heal' } : undefined;
}

/** What rolls out nothing: a start of what stands, and more or fewer of the same for the load of the moment. */
function passesWindows({ action, cause }: Change): boolean {
  return action === 'start' || cause.type === 'scaled';
}

function reasonToKeep({ prune }: HoldPolicy, isMassDelete: boolean): HoldReason | undefined {
  switch (prune) {
    case 'no':
      return { type: 'no-prune' };
    case 'not while broken':
      return { type: 'broken-manifest' };
    case 'yes':
      return isMassDelete ? { type: 'mass-delete' } : undefined;
  }
}

/** Whether only the world has moved. What was made and never started is an apply that was cut off, no drift. */
function isHealing({ cause }: Change): boolean {
  switch (cause.type) {
    case 'drifted':
    case 'missing':
    case 'image-moved':
      return true;
    case 'not-running':
      return cause.phase !== 'created';
    default:
      return false;
  }
}

function forAPerson(massDelete: Diagnostic): Diagnostic {
  return {
    ...massDelete,
    hint: 'if that is meant: `aac apply --allow-delete`; if not, look where the manifests have gone',
  };
}

function isOfAgent(address: Address | TemplateAddress | undefined): boolean {
  return address !== undefined && (address.startsWith('agent/') || parseAddress(address)?.kind === 'agent');
}
