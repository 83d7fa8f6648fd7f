import { expect, test } from 'vitest';
import { examineMachine } from '../../../src/drivers/process/examine.ts';
import type { Sandbox } from '../../../src/drivers/process/sandbox.ts';
import type { CgroupSupport } from '../../../src/drivers/process/find-cgroups.ts';

const sandbox: Sandbox = { status: 'works', program: '/usr/bin/bwrap' };

function look(cgroups: CgroupSupport | undefined, user: number, found = sandbox) {
  return examineMachine(
    { system: { cgroups: () => cgroups, user: () => user }, sandbox: () => found },
    'linux',
    'Linux 6.1',
  );
}

const whole: CgroupSupport = { version: 'v2', parents: { memory: '/m', cpu: '/c', pids: '/p' } };

test('root with all controllers is limited by nothing', () => {
  expect(look(whole, 0).map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok']);
});

test('a user without cgroups is told what is watched over and what cannot be limited', () => {
  const [, limits, users] = look(undefined, 1000);
  expect(limits).toMatchObject({ status: 'limited', message: expect.stringContaining('watched over') as string });
  expect(users).toMatchObject({ status: 'limited', message: 'user 1000: agents run as this user' });
});

test('controllers that were not handed down are named', () => {
  const [, limits] = look({ version: 'v2', parents: { memory: '/m', pids: '/p' } }, 0);
  expect(limits).toMatchObject({ status: 'limited', message: 'cgroup v2: cpu cannot be limited' });
});

test('without bubblewrap a restricted way out cannot be had, and the package is named', () => {
  const missing: Sandbox = {
    status: 'missing',
    message: 'bubblewrap is not installed',
    hint: 'install the package `bubblewrap`',
  };
  const [, , , egress] = look(whole, 0, missing);
  expect(egress).toMatchObject({ topic: 'egress', status: 'limited', hint: missing.hint });
});
