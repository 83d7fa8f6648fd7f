import { readFile } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';
import type { Diagnostic } from '../model/diagnostic.ts';
import { readValues } from '../manifest/read-project.ts';
import type { Plan } from '../model/plan.ts';
import { stateFolder } from '../model/state-folder.ts';
import { digestOf } from '../plan/digest.ts';
import { planFromJson, planToJson } from '../report/plan-json.ts';
import { isJsonObject, type Json } from '../util/json.ts';
import { err, ok, type Result } from '../util/result.ts';
import type { ApplyGround } from './apply-plan.ts';
import { createDriverSet } from './driver-set.ts';
import { readStorable, storable, type RevisionSource } from './revision-store.ts';
import type { Surroundings } from './workspace.ts';

/** A plan as it is saved, with what it was made from: whoever applies it can return to that later. */
export interface SavedPlan {
  readonly plan: Plan;
  readonly source: RevisionSource;
}

/** Writes a plan so that `aac apply FILE` does exactly it. It holds references, never the values behind them. */
export async function savePlan({ plan, source }: SavedPlan, file: string): Promise<void> {
  const document = { ...planToJson(plan), asked: storable(source) };
  await writeFileAtomic(file, `${JSON.stringify(document, null, 2)}\n`);
}

/** A plan and all that carrying it out takes. */
export interface OpenedPlan extends ApplyGround, AsyncDisposable {
  readonly plan: Plan;
  readonly sensitive: () => readonly string[];
}

/**
 * Makes a plan ready to be carried out by itself: the manifests are not read again, only the values that its
 * references name.
 */
export async function openPlan(
  { plan, source }: SavedPlan,
  { environment, drivers: factories }: Pick<Surroundings, 'environment' | 'drivers'>,
): Promise<OpenedPlan> {
  const drivers = createDriverSet(factories, plan.docker ? { docker: plan.docker } : {});
  return {
    plan,
    source,
    ...(await readValues(plan.scope.directory, environment)),
    drivers,
    stateFolder: stateFolder(plan.workspace, environment),
    [Symbol.asyncDispose]: () => drivers[Symbol.asyncDispose](),
  };
}

/** Reads a saved plan back and proves that nobody changed what it does. */
export async function loadPlan(file: string): Promise<Result<SavedPlan, readonly Diagnostic[]>> {
  let document: Json;
  try {
    document = JSON.parse(await readFile(file, 'utf8')) as Json;
  } catch (error) {
    return err([
      invalid(`\`${file}\` cannot be read as a plan: ${error instanceof Error ? error.message : String(error)}`),
    ]);
  }
  const plan = planFromJson(document);
  if (!plan.ok) return plan;
  if (digestOf(plan.value) !== plan.value.digest) {
    return err([invalid(`\`${file}\` does not have the digest it claims: it was changed after it was saved`)]);
  }
  return ok({ plan: plan.value, source: sourceOf(plan.value, document) });
}

/** What the file says that the plan was made from; the digest does not cover it, as nothing is done because of it. */
function sourceOf({ workspace }: Plan, document: Json): RevisionSource {
  const source = isJsonObject(document) ? readStorable(document.asked) : undefined;
  if (typeof source === 'object' && source.desired.workspace !== workspace) return 'saved-plan';
  return source ?? 'saved-plan';
}

function invalid(message: string): Diagnostic {
  return { code: 'invalid-plan-file', severity: 'error', message, hint: 'make it again with `aac plan --out FILE`' };
}
