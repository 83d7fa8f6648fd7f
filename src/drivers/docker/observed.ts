import { withoutHost } from './create-shared.ts';
import { parseAddress } from '../../model/address.ts';
import type { Health } from '../../model/health.ts';
import type { AppliedRecord, ObservedResource, Phase, PublishedPort } from '../../model/observed.ts';
import { compareCodeUnits, sortedEntries } from '../../util/compare.ts';
import type { ContainerDetails, NetworkDetails, VolumeDetails } from './engine-types.ts';
import { liveSpec, type LiveContext } from './live-spec.ts';
import { routing } from './network.ts';
import { withNotKept } from './not-kept.ts';
import { toAgentSpec } from '../../model/spec.ts';

/** A container of ours as the planner sees it. */
export function observedContainer(
  container: ContainerDetails,
  record: AppliedRecord,
  context: LiveContext,
): ObservedResource {
  const { State: state } = container;
  const phase = phaseOf(state.Status);
  const detail = state.Error || (state.OOMKilled === true && phase === 'exited' ? 'killed for want of memory' : '');
  return {
    address: record.address,
    driver: 'docker',
    kind: 'agent',
    ref: container.Id,
    name: container.Name.replace(/^\//, ''),
    record,
    live: withNotKept(liveSpec(container, record, context), container.Config.Labels, record.lastApplied),
    phase,
    health: healthOf(state.Health?.Status),
    ...routing(container, toAgentSpec(record.lastApplied).network, record),
    ...(hasExitCode(phase, state.ExitCode) ? { exitCode: state.ExitCode } : {}),
    ...(detail ? { detail } : {}),
    restarts: container.RestartCount,
    ...(state.StartedAt.startsWith('0001-') ? {} : { startedAt: state.StartedAt }),
    createdAt: container.Created,
    imageId: container.Image,
    published: publishedPorts(container),
    ...networkAddresses(container),
  };
}

/** A network of ours. */
export function observedNetwork(network: NetworkDetails, record: AppliedRecord): ObservedResource {
  return shared(record, network.Id, network.Name, network.Created, {
    internal: network.Internal,
    ...(record.lastApplied.isolated === undefined ? {} : { isolated: network.Options?.[withoutHost] === 'true' }),
  });
}

/** A named volume of ours. A volume has no id but its name. */
export function observedVolume(volume: VolumeDetails, record: AppliedRecord): ObservedResource {
  return shared(record, volume.Name, volume.Name, volume.CreatedAt, {});
}

function shared(
  record: AppliedRecord,
  ref: string,
  name: string,
  createdAt: string | undefined,
  live: ObservedResource['live'],
): ObservedResource {
  return {
    address: record.address,
    driver: 'docker',
    kind: parseAddress(record.address)?.kind ?? 'network',
    ref,
    name,
    record,
    live,
    phase: 'exists',
    health: 'none',
    restarts: 0,
    ...(createdAt ? { createdAt } : {}),
    published: [],
  };
}

function phaseOf(status: string): Phase {
  switch (status) {
    case 'created':
    case 'running':
    case 'restarting':
    case 'paused':
    case 'exited':
    case 'removing':
    case 'dead':
      return status;
    default:
      return 'dead'; // a state of a later engine that nobody here can judge
  }
}

function healthOf(status: string | undefined): Health {
  return status === 'starting' || status === 'healthy' || status === 'unhealthy' ? status : 'none';
}

/** A container that failed to start stays `created`, with the exit code of the attempt. */
function hasExitCode(phase: Phase, exitCode: number): boolean {
  return phase === 'exited' || phase === 'dead' || phase === 'restarting' || (phase === 'created' && exitCode !== 0);
}

function networkAddresses({ NetworkSettings: { Networks } }: ContainerDetails): Pick<ObservedResource, 'addresses'> {
  const addresses = sortedEntries(Networks ?? {}).flatMap(([, { IPAddress }]) => (IPAddress ? [IPAddress] : []));
  return addresses.length > 0 ? { addresses } : {};
}

function publishedPorts(container: ContainerDetails): readonly PublishedPort[] {
  return sortedEntries(container.NetworkSettings.Ports ?? {}).flatMap(([port, bindings]) =>
    (bindings ?? [])
      .map(({ HostIp, HostPort }) => ({ port, host: Number(HostPort), hostIp: HostIp }))
      .sort((left, right) => compareCodeUnits(left.hostIp, right.hostIp)),
  );
}
