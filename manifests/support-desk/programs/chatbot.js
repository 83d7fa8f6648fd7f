import { authorize, post, serve } from './serve.js';

const { PERSONA, SIGNATURE, SALUTATION, API_KEY, RETRIEVER_HOST, RETRIEVER_PORT } = process.env;

serve('chatbot', 8080, {
  '/chat': async ({ message }, headers) => {
    authorize(headers, API_KEY.trim());
    const { found } = await post(`http://${RETRIEVER_HOST}:${RETRIEVER_PORT}/passages`, { question: message });
    const [best] = found;
    return {
      reply: `${SALUTATION} from ${PERSONA}! ${best?.text ?? 'We have to look that up.'} Yours, ${SIGNATURE}`,
      source: best?.source,
    };
  },
});
