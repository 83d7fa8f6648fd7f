import type { Facts, ImageFacts } from '../../model/observed.ts';
import { compareCodeUnits } from '../../util/compare.ts';
import type { EngineInfo, ImageDetails } from './engine-types.ts';
import { repositoryOf } from './image-name.ts';
import { isRootUser } from './security.ts';

/** Storage drivers that bound what a container writes; overlay2 does so over xfs with project quotas alone. */
const boundedDrivers: ReadonlySet<string> = new Set(['btrfs', 'devicemapper', 'windowsfilter', 'zfs']);

/** What is known of the images that were asked for and are there. */
export function imageFacts(
  names: readonly string[],
  images: readonly (ImageDetails | undefined)[],
): ReadonlyMap<string, ImageFacts> {
  return new Map(
    names.flatMap((name, index) => {
      const image = images[index];
      return image ? [[name, factsOf(name, image)] as const] : [];
    }),
  );
}

/** Whether what a container writes can be bounded. That quotas are switched on only the engine's attempt can tell. */
export function storageOf({ Driver: driver = 'unknown', DriverStatus }: EngineInfo): NonNullable<Facts['storage']> {
  const [, backing = ''] = (DriverStatus ?? []).find(([name]) => name === 'Backing Filesystem') ?? [];
  const words = backing === '' ? driver : `${driver} on ${backing}`;
  return { driver: words, bounded: boundedDrivers.has(driver) || (driver === 'overlay2' && backing === 'xfs') };
}

function factsOf(name: string, { user, digests }: ImageDetails): ImageFacts {
  const repository = repositoryOf(name);
  const digest = [...digests].sort(compareCodeUnits).find((entry) => repositoryOf(entry) === repository);
  return { runsAsRoot: isRootUser(user), ...(digest === undefined ? {} : { digest }) };
}
