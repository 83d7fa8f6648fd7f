import { ask } from '../lib/ask.js';
import { serve } from '../lib/serve.js';

const { GREETING, RETRIEVER_URL } = process.env;

serve('greeter', async (message) => {
  const found = await ask(RETRIEVER_URL, message);
  return { reply: `${GREETING}! ${found.reply}`, via: [found.agent], sources: found.sources };
});
