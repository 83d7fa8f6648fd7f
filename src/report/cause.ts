import type { ApprovalReason, Cause, ChangeAction } from '../model/plan.ts';
import { assertNever } from '../util/assert-never.ts';
import { printable } from './text.ts';

/** What is going to happen: the words after an address in a plan. */
export const intentions: Readonly<Record<ChangeAction, string>> = {
  'no-op': 'is unchanged',
  create: 'will be created',
  update: 'will be updated in place',
  replace: 'will be replaced',
  delete: 'will be deleted',
  start: 'will be started',
  stop: 'will be stopped',
  restart: 'will be restarted',
};

/** What has happened: the words of a ledger. */
export const achievements: Readonly<Record<ChangeAction, string>> = {
  'no-op': 'unchanged',
  create: 'created',
  update: 'updated',
  replace: 'replaced',
  delete: 'deleted',
  start: 'started',
  stop: 'stopped',
  restart: 'restarted',
};

/** The rest of the sentence: `, because the manifest changed`; empty where the action explains itself. */
export function formatCause(cause: Cause): string {
  switch (cause.type) {
    case 'declared':
      return '';
    case 'requested':
      return ', as requested';
    case 'undeclared':
      return `, because no manifest declares it any more${before(cause.manifest)}`;
    case 'changed':
      return ', because the manifest changed';
    case 'drifted':
      return ', because it was changed outside aac';
    case 'unknown':
      return ', because it differs from the manifest';
    case 'missing':
      return ', because it was removed outside aac';
    case 'not-running': {
      const code = cause.exitCode === undefined ? '' : ` with code ${String(cause.exitCode)}`;
      const detail = cause.detail === undefined ? '' : `: ${printable(cause.detail)}`;
      return `, because it is not running (${printable(cause.phase)}${code}${detail})`;
    }
    case 'image-moved':
      return `, because \`${printable(cause.image)}\` names another image now`;
    case 'reference-changed':
      return ', because a value it reads changed';
    case 'dependency-replaced':
      return `, because ${printable(cause.dependency)} is replaced`;
    case 'driver-changed':
      return `, because it moves from ${cause.from} to ${cause.to}`;
    case 'superseded':
      return ', because its last rollout did not finish';
    case 'unrouted':
      return ', because its names do not lead to it';
    case 'scaled-up':
      return ', because more replicas are asked for';
    case 'scaled-down':
      return ', because fewer replicas are asked for';
    case 'scaled':
      return `, scaled from ${String(cause.from)} to ${String(cause.to)}: ${printable(cause.because)}`;
    default:
      return assertNever(cause);
  }
}

/** Why a person has to agree to a change by itself. */
export function formatApproval(reason: ApprovalReason): string {
  switch (reason.type) {
    case 'protected':
      return 'needs approval: it is protected';
    case 'data-loss':
      return 'needs approval: the data it holds will be lost';
    case 'rerun':
      return 'needs approval: it has run to its end before and would run again';
    default:
      return assertNever(reason);
  }
}

/** ``; `web.agent.yaml` did``, where that is known. */
function before(manifest: string | undefined): string {
  return manifest === undefined ? '' : `; \`${printable(manifest)}\` did`;
}
