import type { ResourceTemplate } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { fieldPath, valueAt } from '../model/field-path.ts';
import type { Facts } from '../model/observed.ts';
import { rangeAt } from './source.ts';

/** What of a template the engine at hand cannot do: run an image as somebody, join a network, bound a file system. */
export function engineChecks(template: ResourceTemplate, facts: Facts | undefined): readonly Diagnostic[] {
  return facts ? [...rootImage(template, facts), ...missingNetwork(template, facts), ...storage(template, facts)] : [];
}

/** An image that is not there yet is looked at once it is pulled. */
function rootImage(template: ResourceTemplate, facts: Facts): readonly Diagnostic[] {
  const path = fieldPath('security', 'runAsNonRoot');
  const isForbidden = valueAt(template.spec, path) === true;
  if (!isForbidden || valueAt(template.spec, fieldPath('security', 'runAsUser')) !== undefined) return [];
  const name = template.image?.name ?? '';
  if (facts.imageDetails?.get(name)?.runsAsRoot !== true) return [];
  return [
    {
      code: 'runs-as-root',
      severity: 'error',
      message: `image \`${name}\` runs as root, which \`security.runAsNonRoot\` forbids`,
      hint: 'give a user with `security.runAsUser`, or name one in the image',
      address: template.address,
      ...rangeAt(template, path),
    },
  ];
}

function missingNetwork(template: ResourceTemplate, { missingNetworks }: Facts): readonly Diagnostic[] {
  const name = valueAt(template.spec, fieldPath('network', 'name'));
  const isExternal = valueAt(template.spec, fieldPath('network', 'external')) === true;
  if (!isExternal || typeof name !== 'string' || !missingNetworks?.has(name)) return [];
  return [
    {
      code: 'network-not-found',
      severity: 'error',
      message: `the external network \`${name}\` does not exist`,
      hint: 'create it, or take out `external: true` to have aac make one of the project',
      address: template.address,
      ...rangeAt(template, fieldPath('network', 'name')),
    },
  ];
}

function storage(template: ResourceTemplate, { storage: kept }: Facts): readonly Diagnostic[] {
  const path = fieldPath('resources', 'limits', 'ephemeralStorage');
  if (!kept || kept.bounded || valueAt(template.spec, path) === undefined) return [];
  return [
    {
      code: 'unsupported-field',
      severity: 'error',
      message: `\`resources.limits.ephemeral-storage\` is not supported by the engine's storage driver, \`${kept.driver}\``,
      hint: 'keep the engine on overlay2 over xfs mounted with `pquota`, or take the limit out',
      address: template.address,
      ...rangeAt(template, path),
    },
  ];
}
