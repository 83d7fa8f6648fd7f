import { expect, it } from 'vitest';
import { enclose, findSandbox, type Enclosure } from '../../../src/drivers/process/sandbox.ts';

const home: Enclosure = {
  program: '/usr/bin/bwrap',
  folder: '/home/ann/desk/web',
  seen: ['/home/ann/desk'],
  state: '/home/ann/.local/state/aac/desk',
  read: ['/home/ann/.local/state/aac/desk/ways/web'],
  written: ['/home/ann/.local/state/aac/desk/processes/desk-web-0/ports'],
  hosts: '/home/ann/.local/state/aac/desk/processes/desk-web-0/hosts',
};

/** `--tmpfs /run`, in order. */
function mounts(enclosure: Enclosure): readonly string[] {
  const words = enclose(enclosure);
  return words.flatMap((word, index) =>
    word === '--tmpfs'
      ? [`hide ${words[index + 1] ?? ''}`]
      : word === '--bind' || word === '--ro-bind'
        ? [`show ${words[index + 2] ?? ''}`]
        : [],
  );
}

it('what leads outside and the state of every workspace are hidden, and only what the agent needs of it is not', () => {
  expect(mounts(home)).toEqual([
    'hide /run',
    'hide /tmp',
    'hide /home/ann/.local/state/aac',
    `show ${home.written[0] ?? ''}`,
    `show ${home.read[0] ?? ''}`,
    'show /etc/hosts',
  ]);
});

it('a project in a hidden folder is seen all the same, and the state within it is hidden after that', () => {
  const inside = {
    ...home,
    folder: '/tmp/desk/web',
    seen: ['/tmp/desk'],
    state: '/tmp/desk/.state/desk',
    read: [],
    written: [],
  };
  expect(mounts(inside)).toEqual([
    'hide /run',
    'hide /tmp',
    'show /tmp/desk',
    'show /tmp/desk/web',
    'hide /tmp/desk/.state',
    'show /etc/hosts',
  ]);
});

it('the project stays where the states of all workspaces lie above it', () => {
  const above = {
    ...home,
    state: '/home/ann/desk',
    folder: '/home/ann/web',
    seen: ['/home/ann/web'],
    read: [],
    written: [],
  };
  expect(mounts(above)).toContain('hide /home/ann/desk');
});

it('where bubblewrap is not, the package is named', () => {
  expect(findSandbox('/nonexistent')).toMatchObject({ status: 'missing', hint: 'install the package `bubblewrap`' });
});
