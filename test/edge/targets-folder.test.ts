import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { followTargets, readTargets } from '../../src/edge/targets-folder.ts';
import type { EdgeDocument } from '../../src/model/edge.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aac-targets-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = (id: string, port: number, state = 'ready') =>
  writeFile(
    join(folder, `${id}.json`),
    JSON.stringify({ group: 'web', host: '127.0.0.1', state, ports: { '80/tcp': port } }),
  );

it('a folder tells the replicas of each group, each in a file', async () => {
  await write('b', 4002, 'draining');
  await write('a', 4001);
  await writeFile(join(folder, 'c.json.123'), 'being written');
  expect(await readTargets(folder)).toEqual({
    web: {
      a: { host: '127.0.0.1', state: 'ready', ports: { '80/tcp': 4001 } },
      b: { host: '127.0.0.1', state: 'draining', ports: { '80/tcp': 4002 } },
    },
  });
});

it('replicas come and go with their files, and stay as they were while the folder is gone', async () => {
  let known: EdgeDocument['targets'] = {};
  const over = new AbortController();
  const following = followTargets(folder, async (targets) => void (known = targets), over.signal);
  const ids = (): readonly string[] => Object.keys(known.web ?? {});
  await write('a', 4001);
  await expect.poll(ids).toEqual(['a']);
  await write('b', 4002);
  await expect.poll(ids).toEqual(['a', 'b']);
  await rename(folder, `${folder}.lost`);
  await write('c', 4003).catch(() => undefined);
  expect(ids()).toEqual(['a', 'b']);
  await rename(`${folder}.lost`, folder);
  await rm(join(folder, 'a.json'));
  await expect.poll(ids).toEqual(['b']);
  over.abort();
  await following;
});
