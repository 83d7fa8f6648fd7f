import { posix } from 'node:path';
import type { VolumeMount } from '../../model/agent.ts';
import { objectName } from '../schema/values.ts';
import { below, type ResolveContext } from './context.ts';
import type { MergedSpec } from './layers.ts';

type Volume = MergedSpec['volumes'][number];

/** The mounts of an agent, binds relative to the project root. */
export function resolveVolumes(context: ResolveContext): readonly VolumeMount[] {
  const first = new Map<string, Volume>();
  return context.merged.volumes.flatMap((volume) => {
    const { target } = volume.item;
    const earlier = first.get(target);
    if (earlier) {
      context.reporter.error(
        'duplicate-name',
        `two volumes are mounted at \`${target}\``,
        below(volume.place, 'target'),
        {
          related: [{ message: 'the first one', place: below(earlier.place, 'target') }],
        },
      );
      return [];
    }
    first.set(target, volume);
    const mount = resolveVolume(context, volume);
    return mount ? [mount] : [];
  });
}

function resolveVolume(context: ResolveContext, volume: Volume): VolumeMount | undefined {
  const { type, target, readOnly = false, source, size, create = false } = volume.item;
  const common = { target, readOnly };
  refuse(context, volume, 'size', ['tmpfs']);
  refuse(context, volume, 'create', ['bind']);
  refuseWritable(context, volume);
  refuse(context, volume, 'source', ['bind', 'volume', 'configmap', 'secret']);
  if (type === 'tmpfs') return { ...common, type, ...(size === undefined ? {} : { size }) };
  if (source === undefined) {
    const what = { bind: 'a path', volume: 'a name', configmap: 'a name', secret: 'a name' }[type];
    context.reporter.error(
      'missing-field',
      `the ${type} at \`${target}\` has no \`source\``,
      below(volume.place, 'type'),
      {
        hint: `give ${what}`,
      },
    );
    return undefined;
  }
  if (source.includes('${')) {
    context.reporter.error(
      'invalid-value',
      '`source` holds a variable, which is not replaced here',
      below(volume.place, 'source'),
      {
        hint: 'variables are replaced in `environment[].value` and in `image`',
      },
    );
    return undefined;
  }
  if (type === 'bind') return bind(context, volume, source, { ...common, create });
  if (type === 'volume' && !objectName.safeParse(source).success) {
    context.reporter.error('invalid-value', `\`${source}\` is no name of a volume`, below(volume.place, 'source'), {
      hint: /^[./~]/.test(source) ? 'a path is mounted with `type: bind`' : undefined,
    });
    return undefined;
  }
  return { ...common, type, source };
}

function bind(
  context: ResolveContext,
  { place }: Volume,
  source: string,
  common: { readonly target: string; readonly readOnly: boolean; readonly create: boolean },
): VolumeMount | undefined {
  if (source.startsWith('~')) {
    context.reporter.error('invalid-value', '`~` does not stand for a home directory here', below(place, 'source'), {
      hint: 'write an absolute path, or one relative to the manifest',
    });
    return undefined;
  }
  return { ...common, type: 'bind', source: fromRoot(place.document.file.path, source) };
}

/** A path that was written in a manifest, as it reads from the project root: `./data`, `../shared`. */
export function fromRoot(manifest: string, path: string): string {
  if (path.startsWith('/')) return path;
  const joined = posix.join(posix.dirname(manifest), path).replace(/\/$/, '');
  return joined === '..' || joined.startsWith('../') ? joined : `./${joined === '.' ? '' : joined}`;
}

function refuseWritable(context: ResolveContext, { item, place }: Volume): void {
  if ((item.type !== 'configmap' && item.type !== 'secret') || item.readOnly !== false) return;
  const message = `a ${item.type} cannot be written to`;
  context.reporter.error('conflicting-fields', message, below(place, 'readOnly'), { hint: 'take `readOnly` out' });
}

function refuse(
  context: ResolveContext,
  { item, place }: Volume,
  field: 'size' | 'create' | 'source',
  types: readonly string[],
): void {
  if (item[field] === undefined || types.includes(item.type)) return;
  context.reporter.error(
    'conflicting-fields',
    `\`${field}\` means nothing beside \`type: ${item.type}\``,
    below(place, field),
    {
      part: 'key',
      hint: `it goes with ${types.map((type) => `\`type: ${type}\``).join(', ')}`,
    },
  );
}
