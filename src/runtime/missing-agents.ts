import type { Address } from '../model/address.ts';
import type { DriverName } from '../model/agent.ts';
import type { ObservedResource } from '../model/observed.ts';
import { toAgentSpec } from '../model/spec.ts';
import { expandReplicas } from '../plan/replicas.ts';
import type { Workspace } from './workspace.ts';

/** A replica that manifests declare and of which nothing stands. */
export interface MissingAgent {
  readonly address: Address;
  readonly driver: DriverName;
  readonly image?: string;
}

/** What is declared and does not stand; nothing where manifests are invalid, as then nobody can tell. */
export function missingAgents({ desired }: Workspace, standing: readonly ObservedResource[]): readonly MissingAgent[] {
  const known = new Set(standing.map(({ address }) => address));
  const templates = [...(desired?.templates.values() ?? [])].filter(({ kind }) => kind === 'agent');
  return templates.flatMap((template) => {
    const { image } = toAgentSpec(template.spec);
    return expandReplicas(template, known)
      .resources.filter(({ address }) => !known.has(address))
      .map(({ address }) => ({ address, driver: template.driver, ...(image === undefined ? {} : { image }) }));
  });
}
