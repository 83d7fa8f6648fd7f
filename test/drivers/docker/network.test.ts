import { expect, it } from 'vitest';
import type { ContainerDetails } from '../../../src/drivers/docker/engine-types.ts';
import { attachedName, hostNetwork, liveNetwork, routing } from '../../../src/drivers/docker/network.ts';
import { agentAddress } from '../../../src/model/address.ts';
import type { NetworkAttachment } from '../../../src/model/spec.ts';

const networkIds = new Set(['id']);

/** A container as an engine describes one that was made from the spec. */
function made(network: NetworkAttachment, id = 'id', names = network.aliases): ContainerDetails {
  const endpoint = { Aliases: [...names, 'web-0', 'abc123'], NetworkID: id, IPAddress: '' };
  const Networks = { [attachedName('shop', network)]: endpoint };
  return { HostConfig: hostNetwork(network, 'shop'), NetworkSettings: { Networks } } as unknown as ContainerDetails;
}

const address = agentAddress('web', 0);
const live = (network: NetworkAttachment, container = made(network)) =>
  liveNetwork(container, network, { workspace: 'shop', address, networkIds });

it('a container that has its own name alone is as it was asked for, and not routed', () => {
  const network = { name: 'default', aliases: ['web', 'www'] };
  const context = { workspace: 'shop', address };
  const unrouted = made(network, 'id', []);
  expect(live(network, unrouted)).toEqual(network);
  expect(routing(unrouted, network, context)).toEqual({ routed: false, keepsNames: true });
  expect(routing(made(network), network, context)).toEqual({ routed: true, keepsNames: true });
  expect(routing(made(network), { name: 'host', aliases: [] }, context)).toEqual({});
  const partly = made(network, 'id', ['www']);
  expect(live(network, partly)).toEqual({ ...network, aliases: ['www'] });
});

it.each<[string, NetworkAttachment]>([
  ['of the project', { name: 'default', aliases: ['web', 'www'] }],
  ['of others', { name: 'shared', external: true, aliases: ['web'] }],
  ['of the host', { name: 'host', aliases: [] }],
  ['that is none', { name: 'none', aliases: [] }],
  [
    'with name servers and hosts',
    { name: 'default', aliases: ['web'], dns: ['10.0.0.1'], dnsSearch: ['test'], extraHosts: { six: '::1' } },
  ],
])('a network %s is read back as it was written', (_, network) => {
  expect(live(network)).toEqual(network);
});

it('a network of others goes by its own name, one of the project by that of the workspace', () => {
  expect(hostNetwork({ name: 'shared', external: true, aliases: [] }, 'shop').NetworkMode).toBe('shared');
  expect(hostNetwork({ name: 'backend', aliases: [] }, 'shop').NetworkMode).toBe('shop-backend');
});

it('an attachment that was cut, or is to a network that is gone, is none', () => {
  const network = { name: 'default', aliases: ['web'] };
  expect(live(network, made(network, 'gone'))).toBeUndefined();
  expect(live(network, made({ ...network, name: 'other' }))).toBeUndefined();
});
