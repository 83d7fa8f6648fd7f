import { parseAddress, type Address, type TemplateAddress } from '../../model/address.ts';
import type { SpecHash } from '../../model/desired.ts';
import type { FieldPath } from '../../model/field-path.ts';
import { labels as names } from '../../model/labels.ts';
import type { AppliedRecord } from '../../model/observed.ts';
import type { Fingerprint } from '../../model/reference.ts';
import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../../util/json.ts';
import type { Labels } from './engine-types.ts';

/** The most bytes that the recorded spec may take on an object. */
export const maxRecordBytes = 64 * 1024;

/** The labels that carry a record, or the size of the spec in bytes where it is too large for one. */
export function recordLabels(record: AppliedRecord): Labels | { readonly tooLarge: number } {
  const lastApplied = canonicalJson(record.lastApplied);
  const bytes = Buffer.byteLength(lastApplied);
  if (bytes > maxRecordBytes) return { tooLarge: bytes };
  return {
    [names.workspace]: record.workspace,
    [names.address]: record.address,
    [names.specHash]: record.specHash,
    [names.generation]: String(record.generation),
    [names.lastApplied]: lastApplied,
    [names.fingerprints]: canonicalJson(record.fingerprints as unknown as JsonObject),
    [names.dependsOn]: record.dependsOn.join(','),
    [names.protect]: String(record.protect),
    [names.manifest]: record.manifest,
    [names.directory]: record.directory,
    [names.origin]: record.origin,
  };
}

/** The record that an object's labels carry; `undefined` when it is not one of ours. */
export function readRecord(labels: Labels | null | undefined): AppliedRecord | undefined {
  if (!labels) return undefined;
  const { [names.workspace]: workspace, [names.address]: address, [names.specHash]: specHash } = labels;
  const lastApplied = parseObject(labels[names.lastApplied]);
  const generation = /^\d+$/.test(labels[names.generation] ?? '') ? Number(labels[names.generation]) : undefined;
  if (!workspace || !address || !parseAddress(address) || !specHash || !lastApplied || generation === undefined) {
    return undefined;
  }
  return {
    workspace,
    address: address as Address,
    specHash: specHash as SpecHash,
    generation,
    lastApplied,
    fingerprints: readFingerprints(parseObject(labels[names.fingerprints])),
    dependsOn: (labels[names.dependsOn] ?? '').split(',').filter(Boolean) as TemplateAddress[],
    protect: labels[names.protect] === 'true',
    manifest: labels[names.manifest] ?? '',
    directory: labels[names.directory] ?? '',
    origin: labels[names.origin] === 'run' ? 'run' : 'manifest',
  };
}

/** Whether an object is the workspace's one at `address`. */
export function isOurs(labels: Labels | null | undefined, workspace: string, address: Address): boolean {
  return labels?.[names.workspace] === workspace && labels[names.address] === address;
}

function readFingerprints(value: JsonObject | undefined): Readonly<Record<FieldPath, Fingerprint>> {
  const found: Record<FieldPath, Fingerprint> = {};
  for (const [field, entry] of Object.entries(value ?? {})) {
    if (!isJsonObject(entry) || typeof entry.salt !== 'string' || typeof entry.digest !== 'string') continue;
    found[field as FieldPath] = { salt: entry.salt, digest: entry.digest };
  }
  return found;
}

function parseObject(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined;
  try {
    const value = JSON.parse(text) as Json;
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
