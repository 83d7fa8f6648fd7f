import { agentTemplate, parseAddress, templateOf, type TemplateAddress } from '../model/address.ts';
import type { ApplyReport } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import type { AutoRollback } from '../runtime/auto-rollback.ts';
import type { Workspace } from '../runtime/workspace.ts';
import type { RolledBackAgent } from '../apply/watch-notes.ts';
import type { WatchEvent } from '../watch/watch-event.ts';
import type { ExitCode } from './exit-codes.ts';

/** How one run ended; `again`: an engine did not answer, and may a moment later. */
export interface Reconciled {
  readonly exitCode: ExitCode;
  readonly again: boolean;
}

/** What failed of which replica. */
export type FailedAgents = Extract<WatchEvent, { readonly type: 'failed' }>['agents'];

/** A run with what there is to tell of it. */
export interface Run extends Reconciled {
  readonly message?: string;
  readonly changed?: Readonly<Record<string, number>>;
  readonly agents?: FailedAgents;
  readonly pending?: number;
  readonly rolledBack?: readonly RolledBackAgent[];
  /** A rollout failed that is to be rolled back, which is another plan. */
  readonly goesBack?: boolean;
}

/** Whether a change puts a drifted resource right. */
export function isDone({ address, action }: Plan['changes'][number], drifted: string): boolean {
  return address === drifted && action !== 'no-op';
}

/** A network or volume that an engine did not make now: no agent's own failure, which has a pause of its own. */
export function isSharedFailure({ node, outcome }: ApplyReport['nodes'][number]): boolean {
  return node.step.kind !== 'agent' && outcome.status === 'failed' && outcome.error.retry === 'transient';
}

/** The steps that failed. */
export function failuresOf({ nodes }: ApplyReport): FailedAgents {
  return nodes.flatMap(({ node, outcome }) =>
    outcome.status === 'failed' ? [{ address: node.step.address, message: outcome.error.message }] : [],
  );
}

/** Whether a manifest has failed that asks to be rolled back then; what it was rolled back to is left as it is. */
export function wantsBack({ reading }: Workspace, rollbacks: readonly AutoRollback[], agents: FailedAgents): boolean {
  const names = new Set(agents.map(({ address }) => parseAddress(address)?.name));
  const known = new Set(rollbacks.map(({ template }) => template));
  return reading.agents.some(
    ({ name, deployment }) => deployment.autoRollback && names.has(name) && !known.has(agentTemplate(name)),
  );
}

/** A run that failed and what followed at once to make up for it. */
export function asOne(first: Run, second: Run): Run {
  const changed: Record<string, number> = { ...first.changed };
  for (const [action, count] of Object.entries(second.changed ?? {})) changed[action] = (changed[action] ?? 0) + count;
  return {
    ...second,
    exitCode: first.exitCode,
    again: first.again || second.again,
    changed,
    agents: [...(first.agents ?? []), ...(second.agents ?? [])],
    ...(first.message === undefined ? {} : { message: first.message }),
  };
}

/** The agents that these are replicas of. */
export function templatesOf(agents: FailedAgents): readonly TemplateAddress[] {
  return agents.map(({ address }) => templateOf(address));
}

/** How many changes there are of each action. */
export function countActions({ changes }: Plan): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { action } of changes) if (action !== 'no-op') counts[action] = (counts[action] ?? 0) + 1;
  return counts;
}
