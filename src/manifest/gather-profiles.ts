import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hashJson } from '../util/hash.ts';
import type { Json } from '../util/json.ts';
import { isProfileName, type Profile, type Profiles } from './profiles.ts';
import type { Layer } from './resolve/layers.ts';
import { fromRoot } from './resolve/volumes.ts';

/** Reads all profiles that the given specs name. */
export async function gatherProfiles(
  root: string,
  layers: readonly Pick<Layer, 'document' | 'spec'>[],
): Promise<Profiles> {
  const paths = layers.flatMap(({ document, spec }) =>
    [spec.security, spec.securityContext].flatMap((security) => {
      const profile = security?.seccompProfile;
      return profile === undefined || isProfileName(profile) ? [] : [fromRoot(document.file.path, profile)];
    }),
  );
  const read = async (path: string): Promise<readonly [string, Profile]> => [path, await readProfile(root, path)];
  return new Map(await Promise.all([...new Set(paths)].map(read)));
}

async function readProfile(root: string, path: string): Promise<Profile> {
  try {
    const text = await readFile(join(path.startsWith('/') ? '/' : root, path), 'utf8');
    return { sha256: hashJson(JSON.parse(text) as Json) };
  } catch (error) {
    if (error instanceof SyntaxError) return { fault: 'is not JSON' };
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return { fault: absent ? 'does not exist' : 'cannot be read' };
  }
}
