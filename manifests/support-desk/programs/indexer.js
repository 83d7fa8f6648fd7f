import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { embed } from './embed.js';
import { post } from './serve.js';

const { STORE_HOST, STORE_PORT, STORE_TOKEN } = process.env;
const folder = process.argv[2];

const points = readdirSync(folder)
  .filter((source) => source.endsWith('.md'))
  .flatMap((source) => {
    const passages = readFileSync(join(folder, source), 'utf8')
      .trim()
      .split(/\n{2,}/);
    return passages.map((text) => ({ source, text, vector: embed(text) }));
  });
const { stored } = await post(`http://${STORE_HOST}:${STORE_PORT}/replace`, { points }, STORE_TOKEN.trim());
console.log(`${stored} passages are in the store`);
