import { isEdge, parseAddress, type Address, type TemplateAddress } from '../model/address.ts';
import { formatDeleteLimit, type DeleteLimit } from '../model/delete-limit.ts';
import type { ResourceTemplate } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { fieldPath } from '../model/field-path.ts';
import type { ObservedResource } from '../model/observed.ts';
import type { SourceMap } from '../model/source.ts';
import type { Decision } from './decision.ts';

/** What keeps a mistake with manifests from taking agents down. */
export interface DeletionGuard {
  /** `maxDelete`; absent: a plan may delete a few agents, or up to half of them. */
  readonly limit?: DeleteLimit;
  /** Where `maxDelete` is written, when the limit is that of the project. */
  readonly source?: SourceMap;
}

/** Without a limit of the project so few may always go: one needs no guard to clean up. */
const always = 3;
const shownAgents = 8;

/**
 * An error where more agents would be deleted than the guard allows, or all of them because nothing declares an agent
 * any more. What an autoscaler takes away counts for nothing, and neither does the edge. The plan goes on showing what would have gone.
 */
export function checkDeletions(
  decisions: readonly Decision[],
  objects: readonly ObservedResource[],
  declared: ReadonlyMap<TemplateAddress, ResourceTemplate>,
  guard: DeletionGuard | undefined,
): readonly Diagnostic[] {
  if (!guard) return [];
  const going = decisions.filter((decision) => isDeletion(decision, declared)).map(({ address }) => address);
  if (going.length === 0) return [];
  const standing = new Set(objects.filter(isManaged).map(({ address }) => address)).size;
  if (![...declared.values()].some(({ kind }) => kind === 'agent')) return [emptied(going)];
  const most = mostOf(guard, standing);
  return going.length > most ? [exceeded(going, standing, guard)] : [];
}

function isDeletion({ kind, action, address, cause }: Decision, declared: ReadonlyMap<string, ResourceTemplate>) {
  if (kind !== 'agent' || isEdge(address) || action !== 'delete') return false;
  if (cause.type === 'scaled') return false;
  if (cause.type !== 'scaled-down') return true;
  return declared.get(`agent/${parseAddress(address)?.name ?? ''}`)?.replicas.type !== 'autoscaled';
}

function isManaged({ kind, address, record }: ObservedResource): boolean {
  return kind === 'agent' && !isEdge(address) && record.origin === 'manifest';
}

function mostOf({ limit }: DeletionGuard, standing: number): number {
  if (!limit) return Math.max(always, Math.floor(standing / 2));
  return 'count' in limit ? limit.count : Math.floor((standing * limit.percent) / 100);
}

function emptied(going: readonly Address[]): Diagnostic {
  return {
    code: 'mass-delete',
    severity: 'error',
    message: `no manifest declares an agent any more, so all that runs would be deleted: ${namesOf(going)}`,
    hint: 'if that is meant: `aac destroy`, or `--allow-delete`; if not, look where the manifests have gone',
  };
}

function exceeded(going: readonly Address[], standing: number, { limit, source }: DeletionGuard): Diagnostic {
  const range = source?.locate(fieldPath('maxDelete'));
  const bound = limit ? `more than \`maxDelete: ${formatDeleteLimit(limit)}\` allows` : 'more than half';
  return {
    code: 'mass-delete',
    severity: 'error',
    message: `${String(going.length)} of ${String(standing)} agents would be deleted, ${bound}: ${namesOf(going)}`,
    hint: limit
      ? 'if that is meant: `--allow-delete`, this once; if not, look where the manifests have gone'
      : 'if that is meant: `--allow-delete`, or set `maxDelete` in `aac.yaml`; if not, look where the manifests have gone',
    ...(range ? { range } : {}),
  };
}

function namesOf(addresses: readonly Address[]): string {
  const shown = addresses.slice(0, shownAgents).map((address) => `\`${address.replace(/^agent\//, '')}\``);
  const rest = addresses.length - shown.length;
  return `${shown.join(', ')}${rest === 0 ? '' : ` and ${String(rest)} more`}`;
}
