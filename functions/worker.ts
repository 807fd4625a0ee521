/** What Cloudflare calls: builds the edge once an isolate and hands requests over. */
import type { Hono } from 'hono';
import { createApp } from './app.ts';
import { buildServices } from './build-services.ts';
import type { Env } from './env.ts';
import { faultResponse } from './routes/fault-response.ts';
import type { AppEnv } from './services.ts';

export { KeyDirectory } from './keys/key-directory.ts';
export { KeyLedger } from './keys/key-ledger.ts';
export { AudioFileRoom, SentenceRoom } from './rooms.ts';
export { TakeLedger } from './takes/take-ledger.ts';

let app: Hono<AppEnv> | undefined;

export default {
  async fetch(request, env, context) {
    try {
      app ??= createApp(buildServices(env));
    } catch (error) {
      return faultResponse(error);
    }
    return app.fetch(request, env, context);
  },
} satisfies ExportedHandler<Env>;
