import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { authorize, serve } from './serve.js';

const file = '/data/points.json';
const token = readFileSync('/run/secrets/store-token', 'utf8').trim();
let points = read();

serve('store', 6333, {
  '/replace': ({ points: all }, headers) => {
    authorize(headers, token);
    points = all;
    writeFileSync(`${file}.new`, JSON.stringify(points));
    renameSync(`${file}.new`, file);
    return { stored: points.length };
  },
  '/search': ({ vector, top }, headers) => {
    authorize(headers, token);
    const scored = points.map(({ vector: other, text, source }) => ({
      text,
      source,
      score: other.reduce((sum, value, index) => sum + value * vector[index], 0),
    }));
    return { found: scored.sort((left, right) => right.score - left.score).slice(0, top) };
  },
});

function read() {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}
