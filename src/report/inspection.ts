import type { Address } from '../model/address.ts';
import type { DesiredResource } from '../model/desired.ts';
import type { ObservedResource } from '../model/observed.ts';
import type { Change, Drift, FieldDiff } from '../model/plan.ts';
import { formatRange } from '../model/source.ts';
import type { JsonObject } from '../util/json.ts';
import { reportFormatVersion, toDocument } from './document.ts';

/** What is known of one replica: see `AgentInspection` of the runtime. */
export interface Inspected {
  readonly address: Address;
  readonly desired?: DesiredResource;
  readonly objects: readonly ObservedResource[];
  readonly change?: Change;
  readonly drift?: Drift;
  readonly edge?: object;
}

/** Desired, last applied, live and the difference, as a document that reads the same in JSON and YAML. */
export function inspectionDocument(workspace: string, agents: readonly Inspected[]): JsonObject {
  return toDocument({
    formatVersion: reportFormatVersion,
    type: 'inspection',
    workspace,
    agents: agents.map(({ address, desired, objects, change, drift, edge }) => ({
      address,
      desired: desired && {
        driver: desired.template.driver,
        manifest: desired.template.manifest,
        specHash: desired.specHash,
        dependsOn: desired.template.dependsOn,
        spec: desired.spec,
      },
      objects: objects.map(objectDocument),
      difference: change && {
        action: change.action,
        cause: change.cause,
        notes: change.notes,
        fields: change.fields.map(fieldDocument),
      },
      edge,
      drift: drift && { type: drift.type, fields: drift.fields.map(fieldDocument) },
    })),
  });
}

function objectDocument({ record, live, kind: _kind, address: _address, ...state }: ObservedResource): object {
  const { lastApplied, specHash, generation, dependsOn, protect, manifest, directory, origin } = record;
  return {
    ...state,
    record: { specHash, generation, dependsOn, protect, manifest, directory, origin },
    lastApplied,
    live,
  };
}

function fieldDocument({ path, origin, before, after, forcesReplacement, source }: FieldDiff): object {
  return { path, origin, before, after, forcesReplacement, ...(source ? { source: formatRange(source) } : {}) };
}
