import { describe, expect, it } from 'vitest';
import { inSubnet, refusedAddress } from '../../src/edge/address-guard.ts';

const policy = { private: false, own: ['10.9.0.2'], subnets: ['10.8.0.0/24'] };
const never = [
  ...['127.0.0.1', '0.0.0.0', '169.254.169.254', '224.0.0.1', '255.255.255.255', '192.0.0.1', '198.18.0.1'],
  ...[
    '::1',
    '::',
    'fe80::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:db8::1',
    '100::1',
  ],
  ...['10.9.0.2', '::ffff:10.9.0.2', '10.8.0.7', 'example.com', ''],
];
const inside = ['10.0.0.1', '172.16.0.1', '192.168.1.1', '100.64.0.1', 'fd00:ec2::254', '::ffff:10.0.0.1'];

describe('an address that a name resolves to', () => {
  it.each(['93.184.216.34', '2606:4700::1'])('may be connected to where it is public: %s', (address) => {
    expect(refusedAddress(address, policy)).toBeUndefined();
  });

  it.each(inside)('may be connected to where it is private only if that is said: %s', (address) => {
    expect(refusedAddress(address, policy)).toBeDefined();
    expect(refusedAddress(address, { ...policy, private: true })).toBeUndefined();
  });

  it.each(never)('may never be connected to: %s', (address) => {
    expect(refusedAddress(address, { ...policy, private: true })).toBeDefined();
  });
});

it('an address is in a network only with all its bits', () => {
  expect(inSubnet('10.8.0.255', '10.8.0.0/24')).toBe(true);
  expect(inSubnet('::ffff:10.8.0.1', '10.8.0.0/24')).toBe(true);
  expect(inSubnet('10.8.1.0', '10.8.0.0/24')).toBe(false);
  expect(inSubnet('fd00::1', '10.8.0.0/24')).toBe(false);
  expect(inSubnet('nonsense', '10.8.0.0/24')).toBe(false);
});
