import type { Address } from '../../model/address.ts';
import { labels as names } from '../../model/labels.ts';
import type { DriverError } from '../../model/outcome.ts';
import { err, ok } from '../../util/result.ts';
import type { WorkspaceContext } from '../driver.ts';
import type { ReferencedValues } from '../read-references.ts';
import type { Answer, Engine } from './engine.ts';
import { ownerOf, numericOwner, type FileOwner } from './file-owner.ts';
import type { FileFolder } from './files.ts';
import { writeTar } from './tar.ts';

/** The container that files are made for. */
export interface FilesOwner {
  readonly name: string;
  readonly address: Address;
  readonly image: string;
  /** The engine's `User`; absent is the image's own. */
  readonly user: string | undefined;
}

/**
 * Makes the folders of a container that is still to be created, each on an engine volume, and answers where the engine
 * keeps the first. A volume is filled through a second container of the same image that is never started: the agent's
 * own mount is read-only from its first moment, and a container that stands has all its files.
 */
export async function makeFiles(
  engine: Engine,
  owner: FilesOwner,
  folders: readonly FileFolder[],
  values: ReferencedValues,
  { workspace, signal }: Pick<WorkspaceContext, 'workspace'> & { readonly signal: AbortSignal },
): Answer<string> {
  const swept = await sweepFiles(engine, workspace, owner.address, signal);
  if (!swept.ok) return swept;
  const labels = { [names.workspace]: workspace, [names.filesOf]: owner.address };
  for (const { volume } of folders) {
    const made = await engine.createVolume(volume, labels, signal);
    if (!made.ok) return made;
  }
  const carrier = await engine.createContainer(
    `${owner.name}-files`,
    {
      Image: owner.image,
      ...(owner.user === undefined ? {} : { User: owner.user }),
      Entrypoint: ['never-started'],
      Labels: labels,
      HostConfig: {
        NetworkMode: 'none',
        Mounts: folders.map(({ volume, target }) => ({
          Type: 'volume',
          Source: volume,
          Target: target,
          ReadOnly: false,
          VolumeOptions: { NoCopy: true },
        })),
      },
    },
    signal,
  );
  if (!carrier.ok) return carrier;
  const filled = await fill(engine, carrier.value, folders, values, signal);
  const removed = await engine.removeContainer(carrier.value, signal);
  if (!filled.ok) return filled;
  if (!removed.ok) return removed;
  const volume = await engine.volume(folders[0]?.volume ?? '', signal);
  return volume.ok ? ok(volume.value?.Mountpoint ?? '') : volume;
}

/** Removes the files of an address that no container uses any more, and what is left of a filling cut short. */
export async function sweepFiles(
  engine: Engine,
  workspace: string,
  address: Address,
  signal: AbortSignal,
): Answer<undefined> {
  const isOurs = (labels: Readonly<Record<string, string>> | null) =>
    labels?.[names.workspace] === workspace && labels[names.filesOf] === address;
  const containers = await engine.listContainers(signal);
  if (!containers.ok) return containers;
  for (const { Id } of containers.value.filter(({ Labels }) => isOurs(Labels))) {
    const removed = await engine.removeContainer(Id, signal);
    if (!removed.ok && removed.error.code !== 'conflict') return removed;
  }
  const volumes = await engine.listVolumes({ label: [`${names.filesOf}=${address}`] }, signal);
  if (!volumes.ok) return volumes;
  for (const { Name } of volumes.value.filter(({ Labels }) => isOurs(Labels))) {
    const removed = await engine.removeVolume(Name, signal);
    if (!removed.ok && removed.error.code !== 'conflict') return removed; // a conflict: it is in use
  }
  return ok(undefined);
}

async function fill(
  engine: Engine,
  carrier: string,
  folders: readonly FileFolder[],
  values: ReferencedValues,
  signal: AbortSignal,
): Answer<undefined> {
  const owner = await findOwner(engine, carrier, signal);
  if (!owner.ok) return owner;
  for (const folder of folders) {
    const files = Object.entries(folder.files).map(([name, field]) => ({
      name,
      content: values.get(field) ?? '',
      ...(folder.private ? { mode: 0o400, ...owner.value } : { mode: 0o444, user: 0, group: 0 }),
    }));
    const archive = writeTar(files);
    if (!archive.ok) return err(invalid(`\`${archive.error}\` is too long for the name of a file`));
    const put = await engine.putArchive(carrier, folder.target, archive.value, signal);
    if (!put.ok) return put;
  }
  return ok(undefined);
}

/** Who runs in the container. Names are looked up in its own file system, as the engine does when it starts it. */
async function findOwner(engine: Engine, carrier: string, signal: AbortSignal): Answer<FileOwner> {
  const container = await engine.container(carrier, signal);
  if (!container.ok) return container;
  const user = container.value?.Config.User ?? '';
  const known = numericOwner(user);
  if (known) return ok(known);
  const passwd = await engine.readFile(carrier, '/etc/passwd', signal);
  if (!passwd.ok) return passwd;
  const groups = await engine.readFile(carrier, '/etc/group', signal);
  if (!groups.ok) return groups;
  const owner = ownerOf(user, { passwd: passwd.value ?? '', groups: groups.value ?? '' });
  return owner ? ok(owner) : err(invalid(`the image knows no user \`${user}\`, who is to own its secrets`));
}

function invalid(message: string): DriverError {
  return { code: 'invalid', retry: 'terminal', message };
}
