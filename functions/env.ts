/** What the Worker is given (see wrangler.toml), checked before anything is built of it. */
import { SpeechFault } from '#shared/errors.ts';
import { assetFiles } from './staged/asset-files.ts';
import { bucketFiles } from './staged/bucket-files.ts';
import type { StagedFiles } from './staged/staged-files.ts';

export interface Env {
  /** http(s) address of the inference backend. */
  readonly GPU_BACKEND_URL?: string;
  /** Bearer token of the backend; a secret. */
  readonly GPU_BACKEND_TOKEN?: string;
  /** `assets` or `r2`: where staged files are read from. */
  readonly FILES?: string;
  /** `Access-Control-Allow-Origin`; any origin when left out. */
  readonly CORS_ORIGIN?: string;
  readonly ASSETS?: Fetcher;
  readonly BARK_FILES?: R2Bucket;
}

export interface Config {
  readonly backendUrl: URL;
  readonly backendToken: string | undefined;
  readonly files: StagedFiles;
  readonly corsOrigin: string;
}

/** Throws the fault that every request meets while a setting is wrong. */
export function readEnv(env: Env): Config {
  return {
    backendUrl: readBackendUrl(env.GPU_BACKEND_URL),
    backendToken: env.GPU_BACKEND_TOKEN === '' ? undefined : env.GPU_BACKEND_TOKEN,
    files: chooseFiles(env),
    corsOrigin: env.CORS_ORIGIN ?? '*',
  };
}

function readBackendUrl(text: string | undefined): URL {
  // a WebSocket address is meant the same; fetch takes only http(s)
  const url = URL.parse((text ?? '').replace(/^ws(s?):/, 'http$1:'));
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw misconfigured('GPU_BACKEND_URL must be the http(s) address of the backend');
}

function chooseFiles({ FILES, ASSETS, BARK_FILES }: Env): StagedFiles {
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
