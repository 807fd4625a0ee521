/** What the Worker is given (see wrangler.toml), checked before anything is built of it. */
import { SpeechFault } from '#shared/errors.ts';
import type { KeyDirectory } from './keys/key-directory.ts';
import type { KeyLedger } from './keys/key-ledger.ts';
import { durableKeys, type KeyStore } from './keys/key-store.ts';
import { MIN_SECRET_CHARACTERS } from './keys/signer.ts';
import type { RoomOrder } from './takes/room-messages.ts';
import { bucketStore, type SentenceStore } from './takes/sentence-store.ts';
import { bucketRequests, type RequestStore } from './takes/request-store.ts';
import { bucketTakes, type TakeStore } from './takes/take-store.ts';
import type { TakeLedger } from './takes/take-ledger.ts';
import { bucketFileStore, type FileStore } from './urls/file-store.ts';
import type { FileRoomCalls } from './urls/remote-room.ts';
import { assetFiles } from './staged/asset-files.ts';
import { bucketFiles } from './staged/bucket-files.ts';
import type { StreamedFiles } from './staged/staged-files.ts';

export interface Env {
  /** http(s) address of the inference backend. */
  readonly GPU_BACKEND_URL?: string;
  /** Bearer token of the backend; a secret. */
  readonly GPU_BACKEND_TOKEN?: string;
  /** `assets` or `r2`: where staged files are read from. */
  readonly FILES?: string;
  /** Secret of at least 32 characters: API keys are needed. Without it the edge serves its own machine alone. */
  readonly EDGE_SECRET?: string;
  /** Bearer token that administers keys; a secret. */
  readonly ADMIN_TOKEN?: string;
  /** Origins whose pages may call, with commas between; any when left out or `*`. */
  readonly CORS_ORIGIN?: string;
  readonly ASSETS?: Fetcher;
  readonly BARK_FILES?: R2Bucket;
  readonly KEY_LEDGER?: DurableObjectNamespace<KeyLedger>;
  readonly KEY_DIRECTORY?: DurableObjectNamespace<KeyDirectory>;
  /** Where spoken sentences are kept; with the two namespaces below, else nothing is kept. */
  readonly TAKES?: R2Bucket;
  readonly TAKE_LEDGER?: DurableObjectNamespace<TakeLedger>;
  readonly SENTENCE_ROOM?: DurableObjectNamespace<SentenceRoom>;
  /** Where the files of signed URLs are made; they are kept in TAKES. */
  readonly FILE_ROOM?: DurableObjectNamespace<AudioFileRoom>;
  /** Most that is kept, in MB, of sentences and of files each; 1000 when left out. */
  readonly TAKES_MAX_MB?: string;
  /** How long it is kept, in days; 30 when left out. */
  readonly TAKES_MAX_DAYS?: string;
}

/** What makes one file for all who listen to its URL. */
export type AudioFileRoom = Rpc.DurableObjectBranded & FileRoomCalls;

/** What speaks one sentence for all who ask for it at once. */
export type SentenceRoom = Rpc.DurableObjectBranded & {
  speak(order: RoomOrder): ReadableStream<Uint8Array>;
};

export interface TakeSettings {
  readonly records: TakeStore;
  readonly requests: RequestStore;
  readonly store: SentenceStore;
  readonly rooms: DurableObjectNamespace<SentenceRoom>;
}

export interface UrlSettings {
  readonly store: FileStore;
  readonly rooms: DurableObjectNamespace<AudioFileRoom>;
}

export interface KeySettings {
  readonly secret: string;
  readonly adminToken: string | undefined;
  readonly store: KeyStore;
}

export interface Config {
  readonly backendUrl: URL;
  readonly backendToken: string | undefined;
  readonly files: StreamedFiles;
  readonly corsOrigins: readonly string[];
  /** Null where no keys are in use. */
  readonly keys: KeySettings | null;
  /** Null where nothing is kept. */
  readonly takes: TakeSettings | null;
  /** Null where no URLs are made. */
  readonly urls: UrlSettings | null;
}

/** Throws the fault that every request meets while a setting is wrong. */
export function readEnv(env: Env): Config {
  return {
    backendUrl: readBackendUrl(env.GPU_BACKEND_URL),
    backendToken: env.GPU_BACKEND_TOKEN === '' ? undefined : env.GPU_BACKEND_TOKEN,
    files: chooseFiles(env),
    corsOrigins: (env.CORS_ORIGIN ?? '*').split(',').map((origin) => origin.trim()),
    keys: readKeySettings(env),
    takes: readTakeSettings(env),
    urls: readUrlSettings(env),
  };
}

function readBackendUrl(text: string | undefined): URL {
  // a WebSocket address is meant the same; fetch takes only http(s)
  const url = URL.parse((text ?? '').replace(/^ws(s?):/, 'http$1:'));
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw misconfigured('GPU_BACKEND_URL must be the http(s) address of the backend');
}

function readKeySettings(env: Env): KeySettings | null {
  const { EDGE_SECRET: secret = '', ADMIN_TOKEN: adminToken = '' } = env;
  if (secret === '') return null;
  if (secret.length < MIN_SECRET_CHARACTERS) {
    throw misconfigured(`EDGE_SECRET must have at least ${MIN_SECRET_CHARACTERS} characters`);
  }
  if (adminToken !== '' && adminToken.length < MIN_SECRET_CHARACTERS) {
    throw misconfigured(`ADMIN_TOKEN must have at least ${MIN_SECRET_CHARACTERS} characters`);
  }
  if (env.KEY_LEDGER === undefined || env.KEY_DIRECTORY === undefined) {
    throw misconfigured(
      'EDGE_SECRET is set, but the bindings KEY_LEDGER and KEY_DIRECTORY are not',
    );
  }
  return {
    secret,
    adminToken: adminToken === '' ? undefined : adminToken,
    store: durableKeys(env.KEY_LEDGER, env.KEY_DIRECTORY),
  };
}

function readTakeSettings(env: Env): TakeSettings | null {
  const { TAKES: bucket, TAKE_LEDGER: ledgers, SENTENCE_ROOM: rooms } = env;
  if (bucket === undefined || ledgers === undefined || rooms === undefined) return null;
  const bounds = readBounds(env);
  return {
    records: bucketTakes({ bucket, maxAgeMs: bounds.maxAgeMs, now: Date.now }),
    requests: bucketRequests({ bucket, maxAgeMs: bounds.maxAgeMs, now: Date.now }),
    store: bucketStore({ bucket, ledgers, ...bounds, now: Date.now }),
    rooms,
  };
}

function readUrlSettings(env: Env): UrlSettings | null {
  const { TAKES: bucket, TAKE_LEDGER: ledgers, FILE_ROOM: rooms } = env;
  if (bucket === undefined || ledgers === undefined || rooms === undefined) return null;
  return { store: bucketFileStore({ bucket, ledgers, ...readBounds(env), now: Date.now }), rooms };
}

/** Of sentences, and of files, each. */
function readBounds(env: Env): { readonly maxBytes: number; readonly maxAgeMs: number } {
  return {
    maxBytes: aboveZero('TAKES_MAX_MB', env.TAKES_MAX_MB ?? '1000') * 1e6,
    maxAgeMs: aboveZero('TAKES_MAX_DAYS', env.TAKES_MAX_DAYS ?? '30') * DAY_MS,
  };
}

const DAY_MS = 86_400_000;

function aboveZero(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw misconfigured(`${name} must be a number above 0`);
}

function chooseFiles({ FILES, ASSETS, BARK_FILES }: Env): StreamedFiles {
  switch (FILES ?? (ASSETS === undefined ? 'r2' : 'assets')) {
    case 'assets':
      if (ASSETS !== undefined) return assetFiles(ASSETS);
      throw misconfigured('FILES is assets, but there is no ASSETS binding');
    case 'r2':
      if (BARK_FILES !== undefined) return bucketFiles(BARK_FILES);
      throw misconfigured('FILES is r2, but there is no BARK_FILES binding');
    default:
      throw misconfigured('FILES must be assets or r2');
  }
}

function misconfigured(what: string): SpeechFault {
  return new SpeechFault('backend_unavailable', `The edge is not set up: ${what}.`);
}
