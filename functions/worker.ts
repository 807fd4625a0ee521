/** What Cloudflare calls: builds the real services once an isolate and hands requests over. */
import { DurableObject, waitUntil } from 'cloudflare:workers';
import type { Hono } from 'hono';
import { createApp } from './app.ts';
import { recordFinder } from './backend/fetch-record.ts';
import { fetchConnector } from './backend/fetch-socket.ts';
import { gpuSynthesizer } from './backend/gpu-synthesizer.ts';
import type { Synthesizer } from './backend/synthesizer.ts';
import { readEnv, type Env, type TakeSettings } from './env.ts';
import { loadAudioLibrary } from './formats/audio-libraries.ts';
import { AudioEncoders } from './formats/encoders.ts';
import { keyAccess, loopbackAccess } from './keys/access.ts';
import { Signer } from './keys/signer.ts';
import { faultResponse } from './routes/fault-response.ts';
import type { AppEnv } from './services.ts';
import { CachingSynthesizer } from './takes/caching-synthesizer.ts';
import { Room } from './takes/room.ts';
import type { RoomOrder } from './takes/room-messages.ts';
import { StagedCheckpoint } from './speech/staged-checkpoint.ts';

function buildApp(env: Env): Hono<AppEnv> {
  const config = readEnv(env);
  const keys =
    config.keys === null ? null : { ...config.keys, signer: new Signer(config.keys.secret) };
  const backend = { url: config.backendUrl, token: config.backendToken };
  const synthesizer = gpuSynthesizer(fetchConnector(backend));
  return createApp({
    synthesizer,
    takes: config.takes === null ? null : cachingSynthesizer(synthesizer, config.takes),
    findRecord: recordFinder(backend),
    checkpoint: new StagedCheckpoint(config.files, waitUntil),
    encoders: new AudioEncoders(loadAudioLibrary),
    now: Date.now,
    // oxlint-disable-next-line no-console -- the log of a Worker
    log: (line) => console.log(JSON.stringify(line)),
    access: keys === null ? loopbackAccess : keyAccess({ ...keys, now: Date.now }),
    keys,
    corsOrigins: config.corsOrigins,
  });
}

function cachingSynthesizer(
  backend: Synthesizer,
  { store, rooms }: TakeSettings,
): CachingSynthesizer {
  return new CachingSynthesizer({
    backend,
    store,
    speakInRoom: (order) => rooms.getByName(order.key).speak(order),
    now: Date.now,
  });
}

/** A Durable Object for each sentence that is being spoken, so that all who ask for it meet, wherever they come in. */
export class SentenceRoom extends DurableObject<Env> {
  #room: Room | undefined;

  speak(order: RoomOrder): ReadableStream<Uint8Array> {
    this.#room ??= this.#open();
    return this.#room.speak(order);
  }

  #open(): Room {
    const { backendUrl, backendToken, takes } = readEnv(this.env);
    if (takes === null) throw new RangeError('a room without a bucket');
    return new Room({
      synthesizer: gpuSynthesizer(fetchConnector({ url: backendUrl, token: backendToken })),
      store: takes.store,
      keepAlive: (work) => this.ctx.waitUntil(work),
    });
  }
}

export { TakeLedger } from './takes/take-ledger.ts';
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
