/** The control: what a backend sends is what the client gets. */
import { pipedSpeech } from './piped-speech.ts';

export default {
  fetch(_request: Request, env: { readonly GPU_BACKEND_URL: string }): Response {
    return new Response(pipedSpeech(env.GPU_BACKEND_URL), {
      headers: { 'Content-Type': 'audio/pcm', 'Cache-Control': 'no-store' },
    });
  },
};
