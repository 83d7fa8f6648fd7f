import { createHash } from 'node:crypto';

const dimensions = Number(process.env.DIMENSIONS);

/** The words of a text, as a vector of unit length: good enough to find the passage that shares most of them. */
export function embed(text) {
  const vector = new Array(dimensions).fill(0);
  for (const word of text.toLowerCase().match(/[a-z]{3,}/g) ?? []) {
    const stem = word.slice(0, 6);
    vector[createHash('sha256').update(stem).digest().readUInt16BE(0) % dimensions] += 1;
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}
