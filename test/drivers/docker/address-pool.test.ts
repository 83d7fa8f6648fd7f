import { expect, it } from 'vitest';
import { chooseAddress, engineHalf } from '../../../src/drivers/docker/address-pool.ts';

const pool = { Subnet: '172.18.0.0/16', IPRange: '172.18.0.0/17' };
const none: ReadonlySet<string> = new Set();

it('the engine has the lower half of the addresses', () => {
  expect(engineHalf({ Subnet: '172.18.0.0/16' })).toBe('172.18.0.0/17');
  expect(engineHalf({ Subnet: '192.168.208.0/20' })).toBe('192.168.208.0/21');
  expect(engineHalf({ Subnet: 'fd00::/64' })).toBeUndefined();
  expect(engineHalf({ Subnet: '10.0.0.0/28' })).toBeUndefined(); // too few to share
  expect(engineHalf({})).toBeUndefined();
});

it('an address is of the upper half, the same for the same name, and never one that is taken', () => {
  const first = chooseAddress([pool], 'shop-web-0', none) ?? '';
  expect(Number(first.split('.')[2])).toBeGreaterThan(127);
  expect(chooseAddress([pool], 'shop-web-0', none)).toBe(first);
  expect(chooseAddress([pool], 'shop-web-0', new Set([first]))).not.toBe(first);
});

it('every address of the upper half is given before there is none, and the last of the network never', () => {
  const small = { Subnet: '10.0.0.32/27', IPRange: '10.0.0.32/28' };
  const taken = new Set<string>();
  for (let ip = chooseAddress([small], 'a', taken); ip !== undefined; ip = chooseAddress([small], 'a', taken)) {
    taken.add(ip);
  }
  expect([...taken].map((ip) => Number(ip.split('.')[3])).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 15 }, (_, index) => 48 + index),
  );
});

it('a network that was not made so has none to choose', () => {
  expect(chooseAddress([{ Subnet: '172.18.0.0/16' }], 'a', none)).toBeUndefined();
  expect(chooseAddress([{ ...pool, IPRange: '172.18.5.0/24' }], 'a', none)).toBeUndefined();
  expect(chooseAddress([pool, { ...pool, Subnet: '172.19.0.0/16' }], 'a', none)).toBeUndefined();
  expect(chooseAddress([], 'a', none)).toBeUndefined();
});
