import type { WaitingChange } from '../apply/watch-notes.ts';
import { parseAddress } from '../model/address.ts';
import { formatApproval, intentions } from '../report/cause.ts';
import { printable } from '../report/text.ts';
import { assertNever } from '../util/assert-never.ts';
import type { HeldChange } from './hold.ts';

/** One line for each change that is held back: what waits, for what, and what lets it through. */
export function heldLines(held: readonly HeldChange[]): readonly string[] {
  return held.map((change) => `${printable(change.address)} ${wouldBe(change)}: ${whyHeld(change)}`);
}

/** A change that is held back, for programs. */
export function waitingChange({ address, action, reason }: HeldChange): WaitingChange {
  const until = 'until' in reason && reason.until !== undefined ? { until: new Date(reason.until).toISOString() } : {};
  return { address, action, reason: reason.type, ...until };
}

function wouldBe({ action, reason }: HeldChange): string {
  if (action === 'no-op') return reason.type === 'approval' ? 'is left as it is' : 'is unchanged';
  return intentions[action].replace('will be', 'would be');
}

/** Times are told to the minute and in UTC, as every line of a watch is read by people far apart. */
function whyHeld({ address, reason, cause }: HeldChange): string {
  const parts = parseAddress(address);
  const name = parts?.kind === 'agent' ? parts.name : undefined;
  const target = name === undefined ? '' : ` --target ${name}`;
  switch (reason.type) {
    case 'suspended':
      return name === undefined
        ? 'the workspace is suspended; `aac resume` lets the watch go on'
        : `suspended; \`aac resume ${name}\` lets the watch go on`;
    case 'failed':
      return reason.until === undefined
        ? `${reason.message}; tried again once its manifest changes, or at SIGHUP`
        : `${reason.message}; tried again at ${time(reason.until)}`;
    case 'quarantine':
      return `${reason.why}; left until its manifest changes, or \`aac apply${target}\` succeeds`;
    case 'window':
      return reason.until === undefined
        ? `no sync window lets it through; \`aac apply${target}\` does it now`
        : `it waits for the sync window at ${time(reason.until)}; \`aac apply${target}\` does it now`;
    case 'approval':
      return `${formatApproval(reason.approval)}; ${personNeeded(reason.approval.type, name)}`;
    case 'mass-delete':
      return 'more would be deleted than a watch does by itself; if that is meant: `aac apply --allow-delete`';
    case 'no-heal':
      return `drift (${cause.type === 'missing' ? 'it is gone' : cause.type}) is not repaired here; \`aac apply${target}\` puts it right`;
    case 'no-prune':
      return 'no manifest declares it any more, and nothing is pruned here; `aac apply` deletes it';
    case 'broken-manifest':
      return 'nothing is deleted while a manifest is broken';
    default:
      return assertNever(reason);
  }
}

function personNeeded(type: 'protected' | 'data-loss' | 'rerun', name: string | undefined): string {
  switch (type) {
    case 'protected':
      return `with \`protect: false\` in its manifest, \`aac apply${name === undefined ? '' : ` --replace ${name}`}\` does it`;
    case 'data-loss':
      return '`aac apply --allow-data-loss` does it';
    case 'rerun':
      return `\`aac apply${name === undefined ? '' : ` --target ${name}`}\` runs it again`;
    default:
      return assertNever(type);
  }
}

function time(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
