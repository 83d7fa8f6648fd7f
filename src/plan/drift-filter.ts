import { parseAddress, type Address } from '../model/address.ts';
import { fieldPath, isWithin, type FieldPath } from '../model/field-path.ts';
import type { Drift } from '../model/plan.ts';
import { hashJson } from '../util/hash.ts';

/** What drift is left out: of one resource or of all, whole or one field with all below it. */
export interface DriftRule {
  /** An address, or an agent's name with or without a replica's number. */
  readonly resource?: string;
  readonly path?: FieldPath;
}

/** Reads `web`, `web/0`, `network/default`, `resources.limits.pids`, `web:resources.limits` or `:image`. */
export function parseDriftRule(text: string): DriftRule {
  const colon = text.indexOf(':');
  const [resource, field] =
    colon >= 0 ? [text.slice(0, colon), text.slice(colon + 1)] : text.includes('.') ? ['', text] : [text, ''];
  return {
    ...(resource === '' ? {} : { resource }),
    ...(field === '' ? {} : { path: fieldPath(...field.replace(/^spec\./, '').split('.')) }),
  };
}

/** The drift that no rule leaves out. */
export function withoutIgnored(drift: readonly Drift[], rules: readonly DriftRule[]): readonly Drift[] {
  return narrowed(drift, ({ address }) => {
    const own = rules.filter(({ resource }) => resource === undefined || isNamed(address, resource));
    if (own.some(({ path }) => path === undefined)) return undefined;
    return (path) => own.some((rule) => rule.path !== undefined && isWithin(path, rule.path));
  });
}

/** Drift that is known and put up with. Values are kept as hashes: what somebody has set may be a secret. */
export interface DriftBaseline {
  readonly formatVersion: '1.0';
  readonly type: 'drift-baseline';
  readonly workspace: string;
  readonly drift: readonly {
    readonly address: Address;
    readonly type: Drift['type'];
    /** Field → hash of its live value. */
    readonly fields: Readonly<Record<FieldPath, string>>;
  }[];
}

/** The baseline that knows all of this drift. */
export function baselineOf(workspace: string, drift: readonly Drift[]): DriftBaseline {
  return {
    formatVersion: '1.0',
    type: 'drift-baseline',
    workspace,
    drift: drift.map(({ address, type, fields }) => ({
      address,
      type,
      fields: Object.fromEntries(fields.map((field) => [field.path, valueHash(field)])),
    })),
  };
}

/** The drift that a baseline does not know: a field that has moved on since counts as new. */
export function withoutKnown(drift: readonly Drift[], baseline: DriftBaseline): readonly Drift[] {
  return narrowed(drift, ({ address, type, fields }) => {
    const known = baseline.drift.find((entry) => entry.address === address && entry.type === type);
    if (!known) return () => false;
    if (fields.length === 0) return undefined;
    const same = new Set(
      fields.filter((field) => known.fields[field.path] === valueHash(field)).map((field) => field.path),
    );
    return (path) => same.has(path);
  });
}

/** Leaves fields out, and what has none left; `undefined` leaves a resource out whole. */
function narrowed(
  drift: readonly Drift[],
  leftOut: (entry: Drift) => ((path: FieldPath) => boolean) | undefined,
): readonly Drift[] {
  return drift.flatMap((entry) => {
    const isLeftOut = leftOut(entry);
    if (!isLeftOut) return [];
    const fields = entry.fields.filter(({ path }) => !isLeftOut(path));
    return entry.fields.length > 0 && fields.length === 0 ? [] : [{ ...entry, fields }];
  });
}

function isNamed(address: Address, resource: string): boolean {
  if (address === resource) return true;
  const parts = parseAddress(address);
  return parts?.kind === 'agent' && (parts.name === resource || `${parts.name}/${String(parts.index)}` === resource);
}

function valueHash({ after }: Drift['fields'][number]): string {
  return hashJson(after ?? null, 16);
}
