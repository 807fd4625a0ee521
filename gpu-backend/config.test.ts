import { describe, expect, test } from 'vitest';
import { checkpointId, ConfigError, EMBEDDED_MODEL, modelFolder, readConfig } from './config.ts';

const always = (): boolean => true;
const TOKEN = '0123456789abcdef';

describe('the environment', () => {
  test('needs nothing', () => {
    expect(readConfig({}, always)).toEqual({
      model: { id: 'bark-nano', folder: EMBEDDED_MODEL },
      server: {
        host: '127.0.0.1',
        port: 0,
        token: null,
        queueCapacity: 32,
        concurrency: 4,
        patienceMs: 60_000,
        drainMs: 30_000,
      },
      rows: 8,
      threads: null,
      precision: 'auto',
      device: 'cpu',
      offload: false,
    });
  });

  test('may say everything', () => {
    const config = readConfig(
      {
        BARK_MODEL: '/models/bark-small',
        BACKEND_HOST: '0.0.0.0',
        BACKEND_PORT: '9191',
        BACKEND_TOKEN: TOKEN,
        BACKEND_QUEUE: '0',
        BACKEND_THREADS: '8',
        BACKEND_DEVICE: 'webgpu',
        BACKEND_STREAMS: '16',
        BACKEND_PATIENCE: '20',
        BACKEND_ROWS: '1',
        BACKEND_PRECISION: 'int8',
        BACKEND_OFFLOAD: '1',
        DRAIN_SECONDS: '5',
      },
      always,
    );
    expect(config).toEqual({
      model: { id: 'bark-small', folder: '/models/bark-small' },
      server: {
        host: '0.0.0.0',
        port: 9191,
        token: TOKEN,
        queueCapacity: 0,
        concurrency: 16,
        patienceMs: 20_000,
        drainMs: 5_000,
      },
      rows: 1,
      threads: 8,
      precision: 'int8',
      device: 'webgpu',
      offload: true,
    });
  });

  test('an empty variable counts as unset', () => {
    expect(readConfig({ BACKEND_PORT: '', BACKEND_TOKEN: ' ' }, always).server).toMatchObject({
      port: 0,
      token: null,
    });
  });

  test('all faults are told at once, each with what to do', () => {
    const environment = {
      BARK_MODEL: '/nowhere',
      BACKEND_HOST: '0.0.0.0',
      BACKEND_PORT: '70000',
      BACKEND_QUEUE: '1e3',
      BACKEND_THREADS: '-1',
      BACKEND_DEVICE: 'gpu',
      DRAIN_SECONDS: 'soon',
    };
    expect(() => readConfig(environment, () => false)).toThrow(ConfigError);
    expect(() => readConfig(environment, () => false)).toThrow(
      /^BARK_MODEL: \/nowhere .*\nBACKEND_TOKEN must be set .*\nBACKEND_PORT .*\nBACKEND_QUEUE .*\nBACKEND_THREADS .*\nBACKEND_DEVICE must be one of cpu, webgpu, cuda, wasm.*\nDRAIN_SECONDS .*$/,
    );
  });

  test.each(['short', 'with a space in the middle'])('%s is no secret, and not shown', (token) => {
    expect(() => readConfig({ BACKEND_TOKEN: token }, always)).toThrow('openssl rand');
    expect(() => readConfig({ BACKEND_TOKEN: token }, always)).not.toThrow(token);
  });
});

test.each([
  ['/models/bark-small', 'bark-small'],
  ['/models/bark-small/', 'bark-small'],
  ['/cache/hub/models--suno--bark-small/snapshots/1dbd7a1', 'bark-small'],
  ['/cache/models/suno--bark-small', 'bark-small'],
  ['/', 'bark'],
])('the checkpoint in %s is called %s', (folder, id) => {
  expect(checkpointId(folder)).toBe(id);
});

describe('a model that was pulled', () => {
  const cache = { BARK_CACHE: '/cache', BARK_MODEL: 'suno/bark-small' };

  test('is known by its id', () => {
    const isPulled = (path: string): boolean => path === '/cache/suno--bark-small';
    expect(readConfig(cache, isPulled).model).toEqual({
      id: 'bark-small',
      folder: '/cache/suno--bark-small',
    });
  });

  test('stands behind a folder of the same name', () => {
    expect(modelFolder(cache, always)).toMatch(/suno[\\/]bark-small$/);
  });

  test('is looked for in the home folder unless told otherwise', () => {
    expect(modelFolder({ BARK_MODEL: 'suno/bark-small' }, () => false)).toMatch(
      /\.cache[\\/]bark-edge[\\/]models[\\/]suno--bark-small$/,
    );
  });

  test('that was not, is told how to be', () => {
    expect(() => readConfig(cache, () => false)).toThrow('pull suno/bark-small');
  });
});
