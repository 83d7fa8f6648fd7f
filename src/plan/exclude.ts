import { agentTemplate, templateOf, type TemplateAddress } from '../model/address.ts';
import type { ResourceTemplate } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ObservedState } from '../model/observed.ts';
import type { PlanOptions } from './options.ts';

/** What a plan leaves out because it was asked to, and a note on whoever has to wait for that. */
export interface Exclusion {
  readonly templates: ReadonlySet<TemplateAddress>;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The excluded agents, and with them what depends on one that has nothing standing: it could not be brought up. What
 * depends on one that stands is planned as usual.
 */
export function excludedFrom(
  declared: ReadonlyMap<TemplateAddress, ResourceTemplate>,
  observed: ObservedState,
  { exclude, held, destroy }: PlanOptions,
): Exclusion {
  const templates = new Set([...[...(exclude ?? [])].map(agentTemplate), ...(held ?? [])]);
  const diagnostics: Diagnostic[] = [];
  if (templates.size === 0 || destroy) return { templates, diagnostics };
  const standing = new Set([...observed.resources.keys()].map(templateOf));
  for (const excluded of templates) {
    if (standing.has(excluded)) continue;
    for (const { address, dependsOn } of declared.values()) {
      if (templates.has(address) || !dependsOn.some((dependency) => dependency.address === excluded)) continue;
      templates.add(address);
      diagnostics.push(waiting(address, excluded));
    }
  }
  return { templates, diagnostics };
}

function waiting(address: TemplateAddress, excluded: TemplateAddress): Diagnostic {
  return {
    code: 'excluded-dependency',
    severity: 'note',
    message: `\`${address}\` is left out too: it depends on \`${excluded}\`, which does not run`,
    address,
  };
}
