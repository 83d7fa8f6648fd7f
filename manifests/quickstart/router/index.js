import { ask } from '../lib/ask.js';
import { serve } from '../lib/serve.js';

const { GREETER_URL, RETRIEVER_URL } = process.env;
const greeting = /^\s*(hello|hi|hey|good (morning|day|evening))\b/i;

serve('router', async (message) => {
  const { agent, via = [], ...answer } = await ask(greeting.test(message) ? GREETER_URL : RETRIEVER_URL, message);
  return { ...answer, via: [agent, ...via] };
});
