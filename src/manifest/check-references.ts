import { agentTemplate } from '../model/address.ts';
import type { Agent } from '../model/agent.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { fieldPath, type FieldPath } from '../model/field-path.ts';
import { formatReference, type ValueReference } from '../model/reference.ts';
import type { LookUp } from './sources/look-up.ts';
import type { KeyReference, ValueSources } from './sources/value-sources.ts';

/** What an agent reads of the project's sources. */
interface Use {
  readonly field: FieldPath;
  /** Of one key; of all keys of a name where that has still to be listed. */
  readonly reference: KeyReference | { readonly from: KeyReference['from']; readonly name: string };
}

/** The mounts of whole configs and secrets, each with the keys that its source has; without, where it has none. */
export async function withKeys(agent: Agent, sources: ValueSources): Promise<Agent> {
  const isKeyed = ({ type }: Agent['volumes'][number]) => type === 'configmap' || type === 'secret';
  if (!agent.volumes.some(isKeyed)) return agent;
  const volumes = await Promise.all(
    agent.volumes.map(async (volume) => {
      if (volume.type !== 'configmap' && volume.type !== 'secret') return volume;
      const listed = await sources.list(sourceOf(volume.type), volume.source);
      return listed.status === 'found' ? { ...volume, keys: listed.keys } : volume;
    }),
  );
  return { ...agent, volumes };
}

/** The source behind a type of volume. */
export function sourceOf(type: 'configmap' | 'secret'): KeyReference['from'] {
  return type === 'secret' ? 'secret' : 'config';
}

/** Reads what the agents refer to of these kinds of sources: an error, at its line, for each key that is not to be had. */
export async function checkReferences(
  agents: readonly Agent[],
  sources: ValueSources,
  kinds: readonly KeyReference['from'][],
): Promise<readonly Diagnostic[]> {
  const checked = await Promise.all(
    agents.flatMap((agent) =>
      usesOf(agent)
        .filter(({ reference }) => kinds.includes(reference.from))
        .map((use) => checkUse(agent, use, sources)),
    ),
  );
  return checked.flat();
}

function usesOf(agent: Agent): readonly Use[] {
  const ofFiles = new Set(agent.secrets.map(({ env }) => env)); // told once, at the secret
  return [
    ...Object.entries(agent.environment).flatMap(([name, value]) =>
      ofFiles.has(name) ? [] : keyUse(fieldPath('environment', name), value),
    ),
    ...agent.secrets.flatMap(({ name, reference }) => keyUse(fieldPath('secrets', name), reference)),
    ...agent.volumes.flatMap((volume): readonly Use[] => {
      if (volume.type !== 'configmap' && volume.type !== 'secret') return [];
      const field = fieldPath('volumes', volume.target, 'source');
      const [from, name] = [sourceOf(volume.type), volume.source];
      if (volume.keys === undefined) return [{ field, reference: { from, name } }];
      return volume.keys.map((key) => ({ field, reference: { from, name, key } }));
    }),
  ];
}

function keyUse(field: FieldPath, value: string | ValueReference): readonly Use[] {
  if (typeof value === 'string') return [];
  return value.from === 'secret' || value.from === 'config' ? [{ field, reference: value }] : [];
}

async function checkUse(
  agent: Agent,
  { field, reference }: Use,
  sources: ValueSources,
): Promise<readonly Diagnostic[]> {
  const looked =
    'key' in reference ? await sources.read(reference) : await sources.list(reference.from, reference.name);
  if (looked.status === 'found') return [];
  const what = 'key' in reference ? formatReference(reference) : `${reference.from} ${reference.name}`;
  const range = agent.source.locate(field);
  const hint =
    looked.hint ?? (looked.status === 'absent' ? 'put it there, or correct the name that leads there' : undefined);
  return [
    {
      ...problem(what, looked),
      severity: 'error',
      ...(hint === undefined ? {} : { hint }),
      address: agentTemplate(agent.name),
      ...(range ? { range } : {}),
    },
  ];
}

function problem(
  what: string,
  looked: Exclude<LookUp, { readonly status: 'found' }>,
): Pick<Diagnostic, 'code' | 'message'> {
  return looked.status === 'absent'
    ? { code: 'secret-not-found', message: `\`${what}\` was not found: looked for ${looked.where}` }
    : { code: 'unreadable-source', message: `\`${what}\` cannot be read: ${looked.message}` };
}
