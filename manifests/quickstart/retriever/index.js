import { readFileSync } from 'node:fs';
import { serve } from '../lib/serve.js';

const notes = JSON.parse(readFileSync(process.env.KNOWLEDGE_FILE, 'utf8'));

serve('retriever', (message) => {
  const asked = wordsOf(message);
  const scored = notes.map((note) => ({ note, score: score(note, asked) }));
  const best = scored.reduce((left, right) => (right.score > left.score ? right : left));
  if (best.score === 0) return { reply: `I know about ${notes.map(({ topic }) => topic).join(', ')}.`, sources: [] };
  return { reply: best.note.text, sources: [best.note.topic] };
});

/** How many of the asked words a note holds; its topic counts double. */
function score(note, asked) {
  const held = wordsOf(note.text);
  return [...asked].filter((word) => held.has(word)).length + (asked.has(note.topic) ? 2 : 0);
}

function wordsOf(text) {
  return new Set(text.toLowerCase().match(/\p{L}{4,}/gu));
}
