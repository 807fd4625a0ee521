/** Environment variables to a typed configuration; everything that is wrong is told at once, with what to do. */
import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isRepositoryId, pulledFolder } from './hub/repository.ts';
import type { Device, Precision } from './models/options.ts';
import { isLoopback } from './server/access.ts';
import { DEFAULT_PATIENCE_MS, type ServerConfig } from './server/server.ts';

/** The checkpoint that comes with the repository: small, and trained. */
export const EMBEDDED_MODEL = fileURLToPath(new URL('../models/bark-nano', import.meta.url));

/** Shortest secret that is taken for one. */
const MIN_TOKEN_CHARACTERS = 16;

/** As many as still gain from going together. */
const DEFAULT_ROWS = 8;

const PRECISIONS = ['auto', 'fp32', 'fp16', 'int8', 'int4'] as const satisfies readonly (
  | Precision
  | 'auto'
)[];
const DEVICES: readonly Device[] = ['cpu', 'webgpu', 'cuda', 'wasm'];

export interface Config {
  /** The checkpoint: its folder, and the id that both halves know it by. */
  readonly model: { readonly id: string; readonly folder: string };
  readonly server: ServerConfig;
  /** Threads of the engine; null lets it choose. */
  readonly threads: number | null;
  readonly precision: Precision | 'auto';
  readonly device: Device;
  /** Most sequences that one run advances; 1 computes every request by itself. */
  readonly rows: number;
  /** Hold only the stage at work in memory. */
  readonly offload: boolean;
}

/** Says everything that is wrong with the environment, one line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads BARK_MODEL, BACKEND_HOST, _PORT, _TOKEN, _QUEUE, _STREAMS, _PATIENCE, _ROWS, _THREADS, _PRECISION, _DEVICE, _OFFLOAD and DRAIN_SECONDS; throws ConfigError. */
export function readConfig(environment: Environment, isFolder = isFolderOnDisk): Config {
  const faults: string[] = [];
  // an empty variable is one that was not set
  const read = (name: string): string | null => environment[name]?.trim() || null;
  const readInteger = (name: string, fallback: number, least: number, most: number): number => {
    const text = read(name);
    if (text === null) return fallback;
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    faults.push(
      `${name} must be a whole number from ${least} to ${most}; unset, it is ${fallback}.`,
    );
    return fallback;
  };

  const folder = modelFolder(environment, isFolder);
  if (!isFolder(folder)) faults.push(modelFault(read('BARK_MODEL'), folder));
  const host = read('BACKEND_HOST') ?? '127.0.0.1';
  const token = read('BACKEND_TOKEN');
  if (token === null && !isLoopback(host)) {
    faults.push(
      `BACKEND_TOKEN must be set to a secret when BACKEND_HOST is ${host}, which others can reach; \`openssl rand -hex 32\` makes one. Or set BACKEND_HOST to 127.0.0.1.`,
    );
  }
  if (token !== null && (token.length < MIN_TOKEN_CHARACTERS || !/^[\x21-\x7e]+$/.test(token))) {
    faults.push(
      `BACKEND_TOKEN must have ${MIN_TOKEN_CHARACTERS} or more visible ASCII characters and no space; \`openssl rand -hex 32\` makes one.`,
    );
  }
  const port = readInteger('BACKEND_PORT', 0, 0, 65_535);
  const queueCapacity = readInteger('BACKEND_QUEUE', 32, 0, 10_000);
  const concurrency = readInteger('BACKEND_STREAMS', 4, 1, 256);
  const patienceMs = readInteger('BACKEND_PATIENCE', DEFAULT_PATIENCE_MS / 1_000, 1, 300) * 1_000;
  const rows = readInteger('BACKEND_ROWS', DEFAULT_ROWS, 1, 64);
  const threads = readInteger('BACKEND_THREADS', 0, 0, 1_024);
  const precision = PRECISIONS.find((known) => known === (read('BACKEND_PRECISION') ?? 'auto'));
  if (precision === undefined) {
    faults.push(`BACKEND_PRECISION must be one of ${PRECISIONS.join(', ')}; unset, it is auto.`);
  }
  const device = DEVICES.find((known) => known === (read('BACKEND_DEVICE') ?? 'cpu'));
  if (device === undefined) {
    faults.push(`BACKEND_DEVICE must be one of ${DEVICES.join(', ')}; unset, it is cpu.`);
  }
  const offload = readInteger('BACKEND_OFFLOAD', 0, 0, 1) === 1;
  const drainMs = readInteger('DRAIN_SECONDS', 30, 0, 3_600) * 1_000;

  if (faults.length > 0 || precision === undefined || device === undefined) {
    throw new ConfigError(faults.join('\n'));
  }
  return {
    model: { id: checkpointId(folder), folder },
    server: { host, port, token, queueCapacity, concurrency, patienceMs, drainMs },
    rows,
    threads: threads === 0 ? null : threads,
    precision,
    device,
    offload,
  };
}

/**
 * The checkpoint that the environment names, as an absolute path: a folder, or the id of a repository of
 * the hub, which means where it was pulled to. The embedded one when it names none.
 */
export function modelFolder(environment: Environment, isFolder = isFolderOnDisk): string {
  const named = environment['BARK_MODEL']?.trim() || null;
  if (named === null) return EMBEDDED_MODEL;
  const folder = resolve(named);
  if (isFolder(folder) || !isRepositoryId(named)) return folder;
  return pulledFolder(environment, named);
}

function modelFault(named: string | null, folder: string): string {
  return named !== null && isRepositoryId(named)
    ? `BARK_MODEL: ${named} is neither a folder nor was it pulled to ${folder}. \`npm run bark -- pull ${named}\` downloads it.`
    : `BARK_MODEL: ${folder} is not a folder. Give the folder of a Bark checkpoint (config.json, weights, vocab.txt) or the id of a repository that was pulled, or unset it for the embedded one.`;
}

/** What a checkpoint is called, after its folder; pulled or in a cache of the hub, after its repository. */
export function checkpointId(folder: string): string {
  const path = resolve(folder);
  const repository = dirname(dirname(path));
  const isCached =
    basename(dirname(path)) === 'snapshots' && basename(repository).startsWith('models--');
  // `owner--name`: neither can have `--` itself
  const name = basename(isCached ? repository : path)
    .split('--')
    .at(-1);
  return name === undefined || name === '' ? 'bark' : name.slice(0, 200);
}

function isFolderOnDisk(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
