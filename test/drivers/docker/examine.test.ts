import { expect, test } from 'vitest';
import { examineEngine } from '../../../src/drivers/docker/examine.ts';
import type { EngineInfo } from '../../../src/drivers/docker/engine-types.ts';
import type { Endpoint } from '../../../src/drivers/docker/endpoint.ts';

const endpoint: Endpoint = {
  url: 'unix:///run/engine.sock',
  chosenBy: 'chosen by DOCKER_HOST',
  address: { type: 'socket', path: '/run/engine.sock' },
};
const whole: EngineInfo = {
  NCPU: 4,
  MemTotal: 8 * 2 ** 30,
  ServerVersion: '28.1.0',
  Driver: 'btrfs',
  CgroupVersion: '2',
  CgroupDriver: 'systemd',
  SecurityOptions: ['name=apparmor', 'name=seccomp,profile=builtin'],
};

function statuses(change: Partial<EngineInfo>): Readonly<Record<string, string>> {
  const found = examineEngine(endpoint, { ...whole, ...change }, { ApiVersion: '1.49' });
  return Object.fromEntries(found.map(({ topic, status }) => [topic, status]));
}

test('an engine that can do everything is found to', () => {
  expect(statuses({})).toEqual({ engine: 'ok', host: 'ok', limits: 'ok', storage: 'ok', security: 'ok' });
});

test('what an engine lacks is said, each with what to do', () => {
  const found = examineEngine(
    endpoint,
    {
      ...whole,
      ServerVersion: '20.10.24',
      Driver: 'overlay2',
      DriverStatus: [['Backing Filesystem', 'extfs']],
      SwapLimit: false,
      PidsLimit: false,
      SecurityOptions: null,
    },
    { ApiVersion: '1.41' },
  );
  const limited = found.filter(({ status }) => status === 'limited');
  expect(limited.map(({ topic }) => topic)).toEqual(['removals', 'limits', 'storage', 'security']);
  expect(limited.every(({ hint }) => hint !== undefined)).toBe(true);
  expect(limited[1]?.message).toContain('cannot limit swap, pids');
  expect(found[0]?.message).toContain('unix:///run/engine.sock (chosen by DOCKER_HOST)');
});
