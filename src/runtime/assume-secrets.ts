import { templateOf } from '../model/address.ts';
import type { DesiredState, ResourceTemplate } from '../model/desired.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { fieldPath } from '../model/field-path.ts';
import type { ObservedState } from '../model/observed.ts';
import { toAgentSpec, toJson, type AgentSpec, type VolumeSpec } from '../model/spec.ts';

/** That a plan says nothing of secrets. */
export const secretsUnchecked: Diagnostic = {
  code: 'secrets-unchecked',
  severity: 'warning',
  message: 'secrets were not read and count as unchanged, as `--secrets=unchanged` asks',
  hint: 'whoever applies needs them; a plan without the option also shows which of them changed',
};

/**
 * For a plan without the secrets: a mount of a whole secret, whose keys could not be listed, has those it was applied
 * with.
 */
export function assumeRecordedKeys(desired: DesiredState, observed: ObservedState): DesiredState {
  const templates = [...desired.templates].map(([address, template]) => {
    if (template.kind !== 'agent') return [address, template] as const;
    const standing = [...observed.resources.values()].flat().filter((object) => templateOf(object.address) === address);
    const recorded = standing.map((object) => toAgentSpec(object.record.lastApplied));
    return [address, withRecordedKeys(template, recorded)] as const;
  });
  return { ...desired, templates: new Map(templates) };
}

function withRecordedKeys(template: ResourceTemplate, recorded: readonly AgentSpec[]): ResourceTemplate {
  const spec = toAgentSpec(template.spec);
  const adopted = Object.entries(spec.volumes).flatMap(([target, volume]): (readonly [string, VolumeSpec])[] => {
    if (volume.type !== 'secret' || Object.keys(volume.keys ?? {}).length > 0) return [];
    const same = recorded
      .map((other) => other.volumes[target])
      .find((other) => other?.type === 'secret' && other.source === volume.source);
    return same?.keys ? [[target, { ...volume, keys: same.keys }]] : [];
  });
  if (adopted.length === 0) return template;
  const references = adopted.flatMap(([target, { keys = {} }]) =>
    Object.entries(keys).map(([key, reference]) => [fieldPath('volumes', target, 'keys', key), reference] as const),
  );
  return {
    ...template,
    spec: toJson({ ...spec, volumes: { ...spec.volumes, ...Object.fromEntries(adopted) } }),
    references: new Map([...template.references, ...references]),
  };
}
