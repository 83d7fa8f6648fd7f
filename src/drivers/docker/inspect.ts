import { parseAddress, type Address, type ResourceKind } from '../../model/address.ts';
import type { AppliedRecord, ObservedResource } from '../../model/observed.ts';
import { ok } from '../../util/result.ts';
import type { WorkspaceContext } from '../driver.ts';
import { mapAnswer } from './answers.ts';
import { withGivenDocument } from './edge-document.ts';
import type { Answer, Engine } from './engine.ts';
import type { Labels } from './engine-types.ts';
import { observedContainer, observedNetwork, observedVolume } from './observed.ts';
import { isOurs, readRecord } from './record.ts';

/** One object as it is now; `undefined` when it is gone or not ours. */
export async function inspect(
  engine: Engine,
  context: WorkspaceContext,
  address: Address,
  ref: string,
  signal: AbortSignal,
): Answer<ObservedResource | undefined> {
  const kind: ResourceKind | undefined = parseAddress(address)?.kind;
  switch (kind) {
    case 'agent':
      return inspectContainer(engine, context, address, ref, signal);
    case 'network':
      return mapAnswer(engine.network(ref, signal), (network) => {
        const record = ownRecord(network?.Labels, context, address);
        return network && record && observedNetwork(network, record);
      });
    case 'volume':
      return mapAnswer(engine.volume(ref, signal), (volume) => {
        const record = ownRecord(volume?.Labels, context, address);
        return volume && record && observedVolume(volume, record);
      });
    case undefined:
      return ok(undefined);
  }
}

async function inspectContainer(
  engine: Engine,
  context: WorkspaceContext,
  address: Address,
  ref: string,
  signal: AbortSignal,
): Answer<ObservedResource | undefined> {
  const found = await engine.container(ref, signal);
  if (!found.ok) return found;
  const record = ownRecord(found.value?.Config.Labels, context, address);
  if (!found.value || !record) return ok(undefined);
  const given = await withGivenDocument(engine, found.value, signal);
  if (!given.ok) return given;
  const container = given.value;
  const attached = Object.keys(container.NetworkSettings.Networks ?? {});
  return mapAnswer(engine.listNetworks({ name: [`${context.workspace}-`, ...attached] }, signal), (networks) =>
    observedContainer(container, record, { ...context, networkIds: new Set(networks.map((network) => network.Id)) }),
  );
}

function ownRecord(
  labels: Labels | null | undefined,
  { workspace }: WorkspaceContext,
  address: Address,
): AppliedRecord | undefined {
  return isOurs(labels, workspace, address) ? readRecord(labels) : undefined;
}
