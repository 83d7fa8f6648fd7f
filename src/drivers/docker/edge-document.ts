import { edgeTemplate } from '../../model/address.ts';
import { edgeGiven } from '../../model/edge.ts';
import { labels as names } from '../../model/labels.ts';
import { ok } from '../../util/result.ts';
import type { Answer, Engine } from './engine.ts';
import type { ContainerDetails } from './engine-types.ts';
import { writeTar } from './tar.ts';

/**
 * The container as it is, but for an edge whose document has changed since it was made: what the engine says of that
 * variable is out of date then, and what is in the file stands in its place.
 */
export async function withGivenDocument(
  engine: Engine,
  container: ContainerDetails,
  signal: AbortSignal,
): Answer<ContainerDetails> {
  const { Id: ref, Config: config, State: state } = container;
  const isGoing = state.Status === 'removing' || state.Status === 'dead';
  if (config.Labels?.[names.address] !== edgeTemplate || isGoing) return ok(container);
  const kept = await engine.readFile(ref, `${edgeGiven.folder}/${edgeGiven.file}`, signal);
  if (!kept.ok) return kept;
  if (kept.value === undefined) return ok(container);
  const variable = `${edgeGiven.variable}=`;
  const others = (config.Env ?? []).filter((entry) => !entry.startsWith(variable));
  return ok({ ...container, Config: { ...config, Env: [...others, `${variable}${kept.value}`] } });
}

/** Gives an edge, running or not, another document; one that runs takes it up by itself. */
export async function giveDocument(engine: Engine, ref: string, text: string, signal: AbortSignal): Answer<void> {
  const archive = writeTar([{ name: edgeGiven.file, content: text, mode: 0o444, user: 0, group: 0 }]);
  if (!archive.ok) throw new Error(`\`${archive.error}\` is too long a name`);
  return engine.putArchive(ref, edgeGiven.folder, archive.value, signal);
}
