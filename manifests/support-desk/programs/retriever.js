import { readFileSync } from 'node:fs';
import { embed } from './embed.js';
import { post, serve } from './serve.js';

const { STORE_HOST, STORE_PORT } = process.env;
const token = readFileSync('/run/store/token', 'utf8').trim();

serve('retriever', 8080, {
  '/passages': ({ question, top = 1 }) =>
    post(`http://${STORE_HOST}:${STORE_PORT}/search`, { vector: embed(question), top }, token),
});
