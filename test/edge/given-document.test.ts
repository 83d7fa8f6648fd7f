import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { followGiven, givenStore } from '../../src/edge/given-document.ts';
import { emptyDocument } from '../../src/edge/store.ts';
import type { EdgeDocument } from '../../src/model/edge.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'aac-given-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function given(names: EdgeDocument['names']) {
  return { file: join(folder, 'document.json'), given: JSON.stringify({ names }), resolvers: ['192.0.2.1'] };
}

it('is the variable until there is a file, with the name servers of the machine either way', async () => {
  const document = given({ web: 'first' });
  const store = givenStore(document);
  expect(await store.load()).toEqual({ ...emptyDocument, names: { web: 'first' }, resolvers: ['192.0.2.1'] });
  writeFileSync(document.file, JSON.stringify({ names: { web: 'second' }, resolvers: [] }));
  expect(await store.load()).toEqual({ ...emptyDocument, names: { web: 'second' }, resolvers: ['192.0.2.1'] });
});

it('is taken again whenever the file has changed, once it is whole', async () => {
  const document = given({});
  const taken: string[] = [];
  const over = new AbortController();
  writeFileSync(document.file, '{"names":{"web":"half');
  const take = async ({ names }: EdgeDocument) => void taken.push(names.web ?? '');
  const following = followGiven(document, take, over.signal);
  for (const name of ['first', 'second']) {
    writeFileSync(document.file, JSON.stringify({ names: { web: name } }));
    await vi.waitFor(() => expect(taken.at(-1)).toBe(name), 10_000);
  }
  over.abort();
  await following;
  expect(taken).toEqual(['first', 'second']);
});
