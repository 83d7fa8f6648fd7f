import type { Address } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { formatFieldPath, valueAt, type FieldPath } from '../model/field-path.ts';
import type { Change, ChangeAction, Plan, PlanNode } from '../model/plan.ts';
import { withFields } from '../model/version.ts';
import { differences } from '../plan/diff.ts';
import { canonicalNode } from '../plan/digest.ts';
import { sortByAddress } from '../plan/order.ts';
import { equalJson, type Json, type JsonObject } from '../util/json.ts';
import { formatCause, intentions } from './cause.ts';
import { formatFieldValue } from './field-value.ts';
import { cut, printable } from './text.ts';

/** Columns that a value may take within a sentence. */
const valueWidth = 60;
const shownFields = 5;

/**
 * What a plan would do now that the approved one would not have done, or not in the same way: a note for each resource,
 * in order. Empty when both would do the same.
 */
export function describePlanDifference(approved: Plan, now: Plan): readonly Diagnostic[] {
  const [before, after] = [sharesOf(approved), sharesOf(now)];
  const addresses = sortByAddress(new Set([...before.keys(), ...after.keys()]), (address) => address);
  return addresses.flatMap((address): readonly Diagnostic[] => {
    const message = compareShares(address, before.get(address), after.get(address));
    if (message === undefined) return [];
    const range = after.get(address)?.change?.source;
    return [{ code: 'plan-differs', severity: 'note', message, address, ...(range ? { range } : {}) }];
  });
}

/** What a plan does about one resource. */
interface Share {
  readonly change?: Change;
  readonly nodes: readonly PlanNode[];
  /** Live values that the plan has seen to differ from what was applied. */
  readonly seen: ReadonlyMap<FieldPath, Json | undefined>;
}

function sharesOf({ changes, drift, nodes }: Plan): ReadonlyMap<Address, Share> {
  const shares = new Map<Address, Share>();
  for (const address of new Set(nodes.map(({ step }) => step.address))) {
    const change = changes.find((candidate) => candidate.address === address);
    const moved = drift.filter((candidate) => candidate.address === address).flatMap(({ fields }) => fields);
    shares.set(address, {
      ...(change ? { change } : {}),
      nodes: nodes.filter(({ step }) => step.address === address),
      seen: new Map(moved.map(({ path, after }) => [path, after])),
    });
  }
  return shares;
}

function compareShares(address: Address, approved: Share | undefined, now: Share | undefined): string | undefined {
  const name = `\`${address}\``;
  const action = now?.change?.action ?? 'no-op';
  const because = now?.change ? formatCause(now.change.cause) : '';
  if (!approved) return `${name} ${intentions[action]}${because}: that was not approved`;
  const wanted = approved.change?.action ?? 'no-op';
  if (!now) return `${name} was approved to be ${infinitives[wanted]}, and now nothing is to be done`;
  if (wanted !== action)
    return `${name} was approved to be ${infinitives[wanted]}, and now ${intentions[action]}${because}`;
  const details = compareNodes(approved, now);
  return details.length === 0 ? undefined : `${name} ${intentions[action]}, as approved, but ${details.join(', ')}`;
}

const infinitives: Readonly<Record<ChangeAction, string>> = {
  'no-op': 'left as it is',
  create: 'created',
  update: 'updated in place',
  replace: 'replaced',
  delete: 'deleted',
  start: 'started',
  restart: 'restarted',
  stop: 'stopped',
};

/** What differs about the steps; that one only waits for others, or differs in its details, where nothing says more. */
function compareNodes(approved: Share, now: Share): readonly string[] {
  const before = new Map(approved.nodes.map((node) => [node.id, node]));
  const after = new Map(now.nodes.map((node) => [node.id, node]));
  const telling: string[] = [];
  const vague: string[] = [];
  for (const id of new Set([...before.keys(), ...after.keys()])) {
    const [old, next] = [before.get(id), after.get(id)];
    const name = `\`${printable(id)}\``;
    if (!old) telling.push(`${name} is a step that was not approved`);
    else if (!next) telling.push(`${name} is no step any more`);
    else if (!equalJson(canonicalNode(old), canonicalNode(next))) {
      telling.push(...fieldDetails(old, next), ...(old.precondition === next.precondition ? [] : moves(approved, now)));
      vague.push(
        equalJson(old.dependsOn, next.dependsOn) ? `${name} differs in its details` : `${name} waits for other steps`,
      );
    }
  }
  return [...new Set(telling.length > 0 ? telling : vague)];
}

/** What is set to another value than was approved. */
function fieldDetails({ step: old }: PlanNode, { step: next }: PlanNode): readonly string[] {
  const [before, after] = [valuesOf(old), valuesOf(next)];
  const paths = differences(before, after);
  const texts = paths
    .slice(0, shownFields)
    .map(
      (path) =>
        `\`${printable(formatFieldPath(path))}\` is ${show(path, valueAt(after, path))} instead of ${show(path, valueAt(before, path))}`,
    );
  return paths.length > texts.length ? [...texts, `${String(paths.length - texts.length)} more fields differ`] : texts;
}

function valuesOf(step: PlanNode['step']): JsonObject {
  if (step.verb === 'create') return step.spec;
  return step.verb === 'update' ? withFields({}, step.fields) : {};
}

/** Which fields of the standing object have moved, as far as either plan names them. */
function moves(approved: Share, now: Share): readonly string[] {
  const paths = [...new Set([...approved.seen.keys(), ...now.seen.keys()])].filter(
    (path) => !equalJson(approved.seen.get(path), now.seen.get(path)),
  );
  if (paths.length === 0) return ['what stands there has changed since'];
  const names = paths.slice(0, shownFields).map((path) => {
    const live = now.seen.get(path);
    return `\`${printable(formatFieldPath(path))}\` of what stands there has become ${
      live === undefined ? 'what was applied again' : show(path, live)
    }`;
  });
  return paths.length > names.length ? [...names, `${String(paths.length - names.length)} more fields moved`] : names;
}

function show(path: FieldPath, value: Json | undefined): string {
  return cut(formatFieldValue(path, value), valueWidth);
}
