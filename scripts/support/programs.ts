/** What the pair on this machine consists of: the inference server and the edge in wrangler. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { modelFolder, readConfig } from '../../gpu-backend/config.ts';
import { stageCheckpoint } from '../stage.ts';
import { stagePage } from './stage-page.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** On top of our own environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** What is run; tests put small programs in their place. */
export interface Programs {
  /** Makes what the edge serves, in the pair's own folder; names what it left out. */
  readonly stage: (folder: string) => Promise<readonly string[]>;
  /** Prints `{"event":"listening","url":...}` once it listens. */
  readonly backend: Program;
  readonly edge: (setting: EdgeSetting) => Program;
}

export interface EdgeSetting {
  /** Where it listens. */
  readonly port: number;
  /** Through which it speaks. */
  readonly backendUrl: string;
  /** The pair's own, with what was staged; two pairs of one checkout have nothing in common. */
  readonly folder: string;
}

/** On this machine only, so without a secret; what is asked while it ends need not be waited for. */
const BACKEND_ENVIRONMENT = {
  BACKEND_HOST: '127.0.0.1',
  BACKEND_PORT: '0',
  BACKEND_TOKEN: undefined,
  DRAIN_SECONDS: '1',
};

/** What keeps wrangler quiet, for whoever starts it by hand as well. */
const QUIET_FILE = new URL('./wrangler.env', import.meta.url);

export function realPrograms(): Programs {
  const backendEnvironment = {
    ...BACKEND_ENVIRONMENT,
    // it runs in another folder, where a relative path would mean another
    BARK_MODEL: modelFolder(process.env),
  };
  return {
    async stage(folder) {
      // what is wrong with the environment is told as the backend would, before anything starts
      const { model } = readConfig({ ...process.env, ...BACKEND_ENVIRONMENT });
      await stagePage(assetsOf(folder));
      return (await stageCheckpoint(model.folder, assetsOf(folder))).skipped;
    },
    backend: {
      command: process.execPath,
      args: ['gpu-backend/main.ts'],
      cwd: ROOT,
      env: backendEnvironment,
    },
    edge: ({ port, backendUrl, folder }) => ({
      command: process.execPath,
      args: [
        wranglerPath(),
        'dev',
        '--ip=127.0.0.1',
        `--port=${port}`,
        // any free one: the usual is taken while another pair runs
        '--inspector-port=0',
        `--assets=${assetsOf(folder)}`,
        `--persist-to=${join(folder, 'state')}`,
        `--var=GPU_BACKEND_URL:${backendUrl}`,
        '--show-interactive-dev-session=false',
      ],
      cwd: ROOT,
      env: {
        ...parseEnv(readFileSync(QUIET_FILE, 'utf8')),
        // where running Workers find each other; else it is in the home folder
        WRANGLER_REGISTRY_PATH: join(folder, 'registry'),
        CI: '1',
        NO_COLOR: '1',
      },
    }),
  };
}

function assetsOf(folder: string): string {
  return join(folder, 'assets');
}

function wranglerPath(): string {
  const manifest = createRequire(import.meta.url).resolve('wrangler/package.json');
  return join(dirname(manifest), 'bin/wrangler.js');
}
