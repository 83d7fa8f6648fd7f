import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { isEmptyPlan, type Plan } from '../model/plan.ts';
import { planFromJson, planToJson } from '../report/plan-json.ts';
import { createRedactor, redactTexts } from '../report/redact.ts';
import type { Json } from '../util/json.ts';

/** So many plans are remembered for each workspace. */
const kept = 20;

/**
 * Remembers a plan that somebody may approve by its digest, so that a later apply can say what differs. For comparing
 * only: values that are sensitive are taken out. Nothing to do is nothing to remember. Rejects where the state folder
 * cannot be written.
 */
export async function keepPlan(folder: string, plan: Plan, sensitive: readonly string[]): Promise<void> {
  if (isEmptyPlan(plan)) return;
  const plans = plansFolder(folder);
  await mkdir(plans, { recursive: true, mode: 0o700 });
  const document = redactTexts(planToJson(plan), createRedactor(sensitive));
  await writeFileAtomic(join(plans, `${plan.digest}.json`), JSON.stringify(document), { mode: 0o600 });
  await prune(plans);
}

/** The plan with this digest, if it was made on this machine not long ago. */
export async function keptPlan(folder: string, digest: string): Promise<Plan | undefined> {
  if (!/^[0-9a-f]{64}$/.test(digest)) return undefined;
  try {
    const text = await readFile(join(plansFolder(folder), `${digest}.json`), 'utf8');
    const plan = planFromJson(JSON.parse(text) as Json);
    return plan.ok ? plan.value : undefined;
  } catch {
    return undefined; // never made here, or forgotten
  }
}

function plansFolder(folder: string): string {
  return join(folder, 'plans');
}

async function prune(plans: string): Promise<void> {
  const files = (await readdir(plans)).filter((file) => file.endsWith('.json'));
  if (files.length <= kept) return;
  const dated = await Promise.all(
    files.map(async (file) => ({ file, at: (await stat(join(plans, file)).catch(() => undefined))?.mtimeMs ?? 0 })),
  );
  const old = dated.sort((left, right) => right.at - left.at).slice(kept);
  await Promise.all(old.map(({ file }) => rm(join(plans, file), { force: true })));
}
