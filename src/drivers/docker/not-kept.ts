import { fieldPath, formatFieldPath, isWithin, valueAt, type FieldPath } from '../../model/field-path.ts';
import { labels as names } from '../../model/labels.ts';
import type { AppliedRecord } from '../../model/observed.ts';
import type { DriverError } from '../../model/outcome.ts';
import { withFields } from '../../model/version.ts';
import { equalJson, isJsonObject, type JsonObject } from '../../util/json.ts';
import { err, ok } from '../../util/result.ts';
import type { ExecuteContext } from '../driver.ts';
import type { Answer, Engine } from './engine.ts';
import type { ContainerConfig, Labels } from './engine-types.ts';
import { liveSpec } from './live-spec.ts';

/** Fields that an engine takes or leaves when it makes a container. Those that change in place mend themselves. */
const settled: readonly FieldPath[] = [
  fieldPath('workingDir'),
  fieldPath('healthCheck'),
  fieldPath('network'),
  fieldPath('resources', 'requests'),
  fieldPath('resources', 'limits', 'ephemeralStorage'),
  fieldPath('security'),
  fieldPath('stop'),
  fieldPath('init'),
  fieldPath('logging'),
];

/** The fields of a spec that the container made from it does not have. */
export function notKept(spec: JsonObject, live: JsonObject): readonly FieldPath[] {
  return settled.flatMap((path) => differing(spec, live, path));
}

function differing(spec: JsonObject, live: JsonObject, path: FieldPath): readonly FieldPath[] {
  const [asked, has] = [valueAt(spec, path), valueAt(live, path)];
  if (asked === undefined || equalJson(asked, has)) return [];
  if (!isJsonObject(asked) || !isJsonObject(has)) return [path];
  return Object.keys(asked).flatMap((key) => differing(spec, live, `${path}${fieldPath(key)}` as FieldPath));
}

/** What is live, with the fields that the engine is known not to keep as they were asked for. */
export function withNotKept(live: JsonObject, labels: Labels | null, asked: JsonObject): JsonObject {
  const paths = (labels?.[names.notKept] ?? '').split('\n').filter(Boolean) as FieldPath[];
  const known = paths.flatMap((path) => {
    const value = valueAt(asked, path);
    return value === undefined ? [] : [[path, value] as const];
  });
  return known.length === 0 ? live : withFields(live, Object.fromEntries(known));
}

/** A container that was made just now, and what it was made from. */
export interface Fresh {
  readonly ref: string;
  readonly config: ContainerConfig;
  readonly record: AppliedRecord;
  /** Makes it, or one that differs from it, and puts it on all its networks. */
  create(config: ContainerConfig): Answer<string>;
}

/**
 * Looks whether a new container has what was asked for. An engine, or something before it, may leave a field out
 * without a word, which would read as drift for ever: the container is then made anew with a label that names the
 * fields, and the progress says so. One that matters to security is an error, and no container stays.
 */
export async function settleContainer(engine: Engine, fresh: Fresh, context: ExecuteContext): Answer<string> {
  const { ref, config, record } = fresh;
  const { workspace, root, signal } = context;
  const found = await engine.container(ref, signal);
  if (!found.ok) return found;
  if (!found.value) return ok(ref); // whoever took it away will be found out by the start
  const attached = Object.values(found.value.NetworkSettings.Networks ?? {});
  const networkIds = new Set(attached.map(({ NetworkID }) => NetworkID));
  const live = liveSpec(found.value, record, { workspace, root, networkIds });
  const lost = notKept(record.lastApplied, live);
  if (lost.length === 0) return ok(ref);
  const removed = await engine.removeContainer(ref, signal);
  if (!removed.ok) return removed;
  const risk = lost.find((path) => isWithin(path, fieldPath('security')));
  if (risk !== undefined) return err(insecure(risk));
  context.progress(`the engine does not keep ${lost.map((path) => `\`${formatFieldPath(path)}\``).join(', ')}`);
  return fresh.create({ ...config, Labels: { ...config.Labels, [names.notKept]: lost.join('\n') } });
}

function insecure(field: FieldPath): DriverError {
  return {
    code: 'invalid',
    retry: 'terminal',
    message: `the engine does not keep \`${formatFieldPath(field)}\`, without which the agent would be less confined`,
    hint: 'look at what stands between aac and the engine, or take the field out',
    field,
  };
}
