import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import pLimit from 'p-limit';
import type { ObservedResource } from '../../model/observed.ts';
import type { DriverError } from '../../model/outcome.ts';
import { compareCodeUnits } from '../../util/compare.ts';
import { ok, type Result } from '../../util/result.ts';
import type { Interest, Observation, WorkspaceContext } from '../driver.ts';
import { allValues, askEach } from './answers.ts';
import { withGivenDocument } from './edge-document.ts';
import type { Answer, Engine } from './engine.ts';
import type { ContainerDetails, EngineInfo } from './engine-types.ts';
import { imageFacts, storageOf } from './engine-facts.ts';
import { belongsTo, containerPorts, foreignNames, heldPorts, type Listing } from './facts.ts';
import { hostPorts } from './host-ports.ts';
import { observedContainer, observedNetwork, observedVolume } from './observed.ts';
import { readRecord } from './record.ts';

/** How many looks at single objects go at once. */
const parallelLooks = 8;

/**
 * One list of all containers, one each of the networks and volumes with our names, then a look at each container of
 * ours and each image that is asked for. GET alone.
 */
export async function observe(
  engine: Engine,
  info: () => Answer<EngineInfo>,
  context: WorkspaceContext,
  interest: Interest,
  signal: AbortSignal,
): Promise<Result<Observation, DriverError>> {
  const { workspace, root } = context;
  const { address } = engine.endpoint;
  const prefixes = { name: [...new Set([`${workspace}-`, interest.namePrefix])] };
  const withExternal = { name: [...new Set([...prefixes.name, ...(interest.networks ?? [])])] };
  const limit = pLimit(parallelLooks);
  const asked = Promise.all([
    engine.listContainers(signal),
    engine.listNetworks(withExternal, signal),
    engine.listVolumes(prefixes, signal),
    info(),
    askEach(interest.images, (image) => limit(() => engine.image(image, signal))),
  ]);
  // read while the engine works out its answers
  const onHost = address.type === 'socket' ? hostPorts(address.path, new Set(interest.ports)) : [];
  const missing = address.type === 'socket' ? await missingPaths(root, interest.paths) : [];
  const answered = allValues(...(await asked));
  if (!answered.ok) return answered;
  const [containers, networks, volumes, engineInfo, images] = answered.value;
  const { NCPU, MemTotal } = engineInfo;

  const ours = containers.filter((container) => belongsTo(container.Labels, workspace));
  const looked = await askEach(ours, (container) =>
    limit(async () => {
      const found = await engine.container(container.Id, signal);
      return found.ok && found.value ? withGivenDocument(engine, found.value, signal) : found;
    }),
  );
  if (!looked.ok) return looked;
  const listing: Listing = { containers, networks, volumes };
  return ok({
    resources: resourcesOf(looked.value, listing, context),
    facts: {
      images: new Map(interest.images.map((image, index) => [image, images[index]?.id ?? null])),
      imageDetails: imageFacts(interest.images, images),
      missingNetworks: new Set(
        (interest.networks ?? []).filter((name) => !networks.some((network) => network.Name === name)),
      ),
      storage: storageOf(engineInfo),
      ports: heldPorts(containerPorts(containers, workspace), onHost),
      foreignNames: foreignNames(listing, workspace, interest.namePrefix),
      missingPaths: new Set(missing),
      capacity: { cpu: NCPU * 1e9, memory: MemTotal },
    },
  });
}

/** Everything of the workspace, by address; a container that went away between list and look is not there. */
function resourcesOf(
  containers: readonly (ContainerDetails | undefined)[],
  { networks, volumes }: Listing,
  context: WorkspaceContext,
): readonly ObservedResource[] {
  const live = { ...context, networkIds: new Set(networks.map((network) => network.Id)) };
  const own = (labels: Parameters<typeof belongsTo>[0]) =>
    belongsTo(labels, context.workspace) ? readRecord(labels) : undefined;
  const observed = [
    ...containers.map((container) => {
      const record = container && own(container.Config.Labels);
      return record && observedContainer(container, record, live);
    }),
    ...networks.map((network) => {
      const record = own(network.Labels);
      return record && observedNetwork(network, record);
    }),
    ...volumes.map((volume) => {
      const record = own(volume.Labels);
      return record && observedVolume(volume, record);
    }),
  ];
  return observed
    .filter((resource) => resource !== undefined)
    .sort((left, right) => compareCodeUnits(left.address, right.address) || compareCodeUnits(left.name, right.name));
}

async function missingPaths(root: string, paths: readonly string[]): Promise<readonly string[]> {
  const isMissing = await Promise.all(
    paths.map(async (path) =>
      access(resolve(root, path)).then(
        () => false,
        () => true,
      ),
    ),
  );
  return paths.filter((_, index) => isMissing[index]);
}
