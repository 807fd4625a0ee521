/** The whole edge around a fake backend and the toy checkpoint, for tests. */
import { SpeechFault } from '#shared/errors.ts';
import { createApp } from '../../functions/app.ts';
import type { ConnectBackend } from '../../functions/backend/backend-socket.ts';
import type { FindDecoder } from '../../functions/backend/fetch-decoder.ts';
import type { FindRecord } from '../../functions/backend/fetch-record.ts';
import { gpuSynthesizer } from '../../functions/backend/gpu-synthesizer.ts';
import type { Synthesizer } from '../../functions/backend/synthesizer.ts';
import type { LogLine } from '../../functions/guards/request-log.ts';
import { AudioEncoders } from '../../functions/formats/encoders.ts';
import { loopbackAccess, type Access } from '../../functions/keys/access.ts';
import type { Services } from '../../functions/services.ts';
import { StagedCheckpoint } from '../../functions/speech/staged-checkpoint.ts';
import type { StagedFiles } from '../../functions/staged/staged-files.ts';
import { loadAudioLibrary } from './audio-libraries.ts';
import type { CachingSynthesizer } from '../../functions/takes/caching-synthesizer.ts';
import { FakeBackend, type FakeBackendOptions } from './fake-backend.ts';
import { FIXTURE_MODEL, fixtureFiles } from './fixture-checkpoint.ts';
import { loopback } from './loopback.ts';

interface EdgeOptions {
  readonly backend?: Partial<FakeBackendOptions>;
  readonly files?: StagedFiles;
  readonly connect?: ConnectBackend;
  readonly findRecord?: FindRecord;
  readonly findDecoder?: FindDecoder;
  readonly access?: Access;
  readonly encoders?: AudioEncoders;
  /** What keeps sentences; nothing when left out. */
  readonly takes?: (backend: Synthesizer) => CachingSynthesizer;
  readonly now?: () => number;
  readonly keys?: Services['keys'];
  readonly urls?: Services['urls'];
  readonly takeRecords?: Services['takeRecords'];
  readonly requests?: Services['requests'];
}

export interface Edge {
  readonly app: ReturnType<typeof createApp>;
  readonly backend: FakeBackend;
  readonly log: LogLine[];
  /** POST /v1/audio/speech. */
  speak(body: unknown, init?: RequestInit): Promise<Response>;
}

export function makeEdge(options: EdgeOptions = {}): Edge {
  const backend = new FakeBackend({
    hello: { model: FIXTURE_MODEL, vocabulary: null },
    ...options.backend,
  });
  const log: LogLine[] = [];
  const synthesizer = gpuSynthesizer(options.connect ?? loopback(backend));
  const files = options.files ?? fixtureFiles;
  const app = createApp({
    findRecord: options.findRecord ?? (() => Promise.resolve(null)),
    findDecoder: options.findDecoder ?? (() => Promise.resolve(null)),
    synthesizer,
    takes: options.takes?.(synthesizer) ?? null,
    files: { ...files, open: async (path) => streamOf(await files.read(path)) },
    checkpoint: new StagedCheckpoint(files, () => undefined),
    now: options.now ?? (() => 1_000),
    encoders: options.encoders ?? new AudioEncoders(loadAudioLibrary),
    log: (line) => log.push(line),
    access: options.access ?? loopbackAccess,
    keys: options.keys ?? null,
    urls: options.urls ?? null,
    takeRecords: options.takeRecords ?? null,
    requests: options.requests ?? null,
    keepAlive: () => undefined,
    corsOrigins: ['*'],
  });
  return {
    app,
    backend,
    log,
    speak: async (body, init = {}) =>
      app.request('/v1/audio/speech', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
        ...init,
      }),
  };
}

function streamOf(bytes: Uint8Array<ArrayBuffer> | null): ReadableStream<Uint8Array> | null {
  return bytes === null ? null : new Blob([bytes]).stream();
}

export const unreachable: ConnectBackend = () =>
  Promise.reject(
    new SpeechFault('backend_unavailable', 'The inference backend can not be reached.'),
  );
