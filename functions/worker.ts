/** What Cloudflare calls: builds the real services once an isolate and hands requests over. */
import { waitUntil } from 'cloudflare:workers';
import type { Hono } from 'hono';
import { createApp } from './app.ts';
import { recordFinder } from './backend/fetch-record.ts';
import { fetchConnector } from './backend/fetch-socket.ts';
import { gpuSynthesizer } from './backend/gpu-synthesizer.ts';
import { readEnv, type Env } from './env.ts';
import { keyAccess, loopbackAccess } from './keys/access.ts';
import { Signer } from './keys/signer.ts';
import { faultResponse } from './routes/fault-response.ts';
import type { AppEnv } from './services.ts';
import { StagedCheckpoint } from './speech/staged-checkpoint.ts';

function buildApp(env: Env): Hono<AppEnv> {
  const config = readEnv(env);
  const keys =
    config.keys === null ? null : { ...config.keys, signer: new Signer(config.keys.secret) };
  const backend = { url: config.backendUrl, token: config.backendToken };
  return createApp({
    synthesizer: gpuSynthesizer(fetchConnector(backend)),
    findRecord: recordFinder(backend),
    checkpoint: new StagedCheckpoint(config.files, waitUntil),
    now: Date.now,
    // oxlint-disable-next-line no-console -- the log of a Worker
    log: (line) => console.log(JSON.stringify(line)),
    access: keys === null ? loopbackAccess : keyAccess({ ...keys, now: Date.now }),
    keys,
    corsOrigins: config.corsOrigins,
  });
}

export { KeyDirectory } from './keys/key-directory.ts';
export { KeyLedger } from './keys/key-ledger.ts';

let app: Hono<AppEnv> | undefined;

export default {
  async fetch(request, env, context) {
    try {
      app ??= buildApp(env);
    } catch (error) {
      return faultResponse(error);
    }
    return app.fetch(request, env, context);
  },
} satisfies ExportedHandler<Env>;
