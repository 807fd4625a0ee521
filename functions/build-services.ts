/** What the Worker's bindings and settings become: the real services of the edge, built once an isolate. */
import { waitUntil } from 'cloudflare:workers';
import { decoderFinder } from './backend/fetch-decoder.ts';
import { recordFinder } from './backend/fetch-record.ts';
import { fetchConnector } from './backend/fetch-socket.ts';
import { gpuSynthesizer } from './backend/gpu-synthesizer.ts';
import type { Synthesizer } from './backend/synthesizer.ts';
import { readEnv, type Env, type TakeSettings, type UrlSettings } from './env.ts';
import { loadAudioLibrary } from './formats/audio-libraries.ts';
import { AudioEncoders } from './formats/encoders.ts';
import { keyAccess, loopbackAccess } from './keys/access.ts';
import { Signer } from './keys/signer.ts';
import type { Services, UrlServices } from './services.ts';
import { StagedCheckpoint } from './speech/staged-checkpoint.ts';
import { CachingSynthesizer } from './takes/caching-synthesizer.ts';
import { askRoom } from './urls/remote-room.ts';

/** Signs the URLs of local development, which are good on that machine alone. */
const LOCAL_SECRET = 'local development has nothing to hide';

/** Throws the fault that every request meets while a setting is wrong. */
export function buildServices(env: Env): Services {
  const config = readEnv(env);
  const keys =
    config.keys === null ? null : { ...config.keys, signer: new Signer(config.keys.secret) };
  const backend = { url: config.backendUrl, token: config.backendToken };
  const synthesizer = gpuSynthesizer(fetchConnector(backend));
  return {
    synthesizer,
    takes: config.takes === null ? null : cachingSynthesizer(synthesizer, config.takes),
    takeRecords: config.takes?.records ?? null,
    requests: config.takes?.requests ?? null,
    keepAlive: waitUntil,
    findRecord: recordFinder(backend),
    findDecoder: decoderFinder(backend),
    files: config.files,
    checkpoint: new StagedCheckpoint(config.files, waitUntil),
    encoders: new AudioEncoders(loadAudioLibrary),
    now: Date.now,
    // oxlint-disable-next-line no-console -- the log of a Worker
    log: (line) => console.log(JSON.stringify(line)),
    access: keys === null ? loopbackAccess : keyAccess({ ...keys, now: Date.now }),
    keys,
    urls: config.urls === null ? null : urlServices(config.urls, keys?.signer),
    corsOrigins: config.corsOrigins,
  };
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

function urlServices({ store, rooms }: UrlSettings, signer: Signer | undefined): UrlServices {
  return {
    store,
    signer: signer ?? new Signer(LOCAL_SECRET),
    room: (id) => askRoom(rooms.getByName(id)),
  };
}
