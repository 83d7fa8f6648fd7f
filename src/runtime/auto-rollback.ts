import { fallbacksOf, type Fallback } from '../apply/fallbacks.ts';
import { agentTemplate, type TemplateAddress } from '../model/address.ts';
import type { DesiredState, ResourceTemplate } from '../model/desired.ts';
import type { ManifestHash } from '../model/revision.ts';
import { manifestHashOf } from '../plan/manifest-hash.ts';
import { storedDesired, type ManifestSource } from './revision-store.ts';
import { checkStored } from './rollback.ts';
import type { Workspace } from './workspace.ts';

/** An agent with `deployment.autoRollback` whose manifest, as it is, has failed. */
export type AutoRollback = Pick<Fallback, 'template' | 'manifest' | 'failed' | 'hasBegun'> &
  (
    | { readonly type: 'back'; readonly to: number }
    /** It cannot be rolled back: `because` says why. */
    | { readonly type: 'stuck'; readonly because: string }
  );

/** A workspace in which every agent that is to be rolled back is as it was when it last was applied well. */
export interface RolledBack {
  readonly workspace: Workspace;
  readonly rollbacks: readonly AutoRollback[];
}

/**
 * Puts what an agent last ran well with in place of its manifest where that has failed and asks to be rolled back, until
 * the manifest changes or somebody applies it with success. It follows from the history alone, so whoever is killed on
 * the way back is carried on by the next.
 */
export async function rollBackFailed(workspace: Workspace): Promise<RolledBack> {
  const { desired, reading, history, stateFolder } = workspace;
  if (!desired) return { workspace, rollbacks: [] };
  const wanting = reading.agents.filter(({ deployment }) => deployment.autoRollback);
  const manifests = new Map<TemplateAddress, ManifestHash>();
  for (const { name } of wanting) {
    const template = desired.templates.get(agentTemplate(name));
    if (template) manifests.set(template.address, manifestHashOf(template));
  }
  const rollbacks: AutoRollback[] = [];
  const templates = new Map(desired.templates);
  const replaced = new Map<TemplateAddress, ResourceTemplate>();
  for (const fallback of fallbacksOf(history.revisions, manifests)) {
    const { template, manifest, failed, hasBegun } = fallback;
    const about = { template, manifest, failed, hasBegun };
    const found = await earlierTemplate(fallback, stateFolder);
    const lost = found ? lostDependency(found, desired) : undefined;
    if (!found) rollbacks.push({ ...about, type: 'stuck', because: 'no earlier revision of it is kept here' });
    else if (lost !== undefined) {
      rollbacks.push({
        ...about,
        type: 'stuck',
        because: `it depended on \`${lost}\`, which is not declared any more`,
      });
    } else {
      rollbacks.push({ ...about, type: 'back', to: found.revision });
      replaced.set(template, found.template);
      templates.set(template, found.template);
      for (const shared of found.shared) if (!templates.has(shared.address)) templates.set(shared.address, shared);
    }
  }
  return replaced.size === 0
    ? { workspace, rollbacks }
    : {
        rollbacks,
        workspace: { ...workspace, desired: { ...desired, templates }, reading: readingOf(workspace, replaced) },
      };
}

/** How a plan that touches some of these is told to the history: which manifests it turns away from. */
export function rollbackOrigin(
  rollbacks: readonly AutoRollback[],
  touched: ReadonlySet<TemplateAddress>,
): Pick<ManifestSource, 'rollback'> {
  const back = rollbacks.flatMap((each) => (each.type === 'back' && touched.has(each.template) ? [each] : []));
  if (back.length === 0) return {};
  return { rollback: { abandoned: Object.fromEntries(back.map(({ template, manifest }) => [template, manifest])) } };
}

interface Found {
  readonly revision: number;
  readonly template: ResourceTemplate;
  /** The networks and volumes that stood beside it. */
  readonly shared: readonly ResourceTemplate[];
}

async function earlierTemplate({ template: address, earlier }: Fallback, folder: string): Promise<Found | undefined> {
  for (const { revision, manifest, first } of earlier) {
    const templates = (await storedDesired(folder, revision))?.templates;
    const template = templates?.get(address);
    if (!template || manifestHashOf(template) !== manifest) continue;
    const shared = template.dependsOn.flatMap(({ address: on }) => templates?.get(on) ?? []);
    return { revision: first, template, shared: shared.filter(({ kind }) => kind !== 'agent') };
  }
  return undefined;
}

/** An agent that is not there any more and cannot be brought back on the quiet. */
function lostDependency({ template, shared }: Found, { templates }: DesiredState): TemplateAddress | undefined {
  const there = new Set([...templates.keys(), ...shared.map(({ address }) => address)]);
  return template.dependsOn.find(({ address }) => !there.has(address))?.address;
}

/** What is wrong with the values of a manifest that is not in force is nobody's trouble; those of the other are read. */
function readingOf(
  { reading }: Workspace,
  replaced: ReadonlyMap<TemplateAddress, ResourceTemplate>,
): Workspace['reading'] {
  const others = (address: string | undefined): boolean =>
    address === undefined || !replaced.has(address as TemplateAddress);
  return {
    ...reading,
    checkReferences: async (kinds) => [
      ...(await reading.checkReferences(kinds)).filter(({ address }) => others(address)),
      ...(await checkStored({ templates: replaced }, reading.values)),
    ],
  };
}
