import type { FieldPath } from '../model/field-path.ts';
import type { AppliedRecord } from '../model/observed.ts';
import type { CreateCall } from '../model/plan.ts';
import type { Fingerprint } from '../model/reference.ts';
import type { ExecuteContext } from './driver.ts';

/** The record of the object that a call creates. */
export function recordOf(
  call: CreateCall,
  context: ExecuteContext,
  fingerprints: Readonly<Record<FieldPath, Fingerprint>>,
): AppliedRecord {
  return {
    workspace: context.workspace,
    address: call.address,
    specHash: call.specHash,
    generation: call.target.generation,
    lastApplied: call.spec,
    fingerprints,
    dependsOn: call.dependsOn,
    protect: call.protect,
    manifest: call.manifest,
    directory: context.directory,
    // networks and volumes are the project's, whoever was first to need them
    origin: call.kind === 'agent' ? context.origin : 'manifest',
  };
}
