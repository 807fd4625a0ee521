/** What the pair on this machine consists of: the inference server and the edge in wrangler. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { modelFolder } from '../../gpu-backend/config.ts';
import { stageCheckpoint, STAGED_FOLDER } from '../stage.ts';

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
  /** Makes what the edge serves; names what it left out. */
  readonly stage: () => Promise<readonly string[]>;
  /** Prints `{"event":"listening","url":...}` once it listens. */
  readonly backend: Program;
  /** Listens at this port and speaks through that backend. */
  readonly edge: (port: number, backendUrl: string) => Program;
}

/** On this machine only, so without a secret; what is asked while it ends need not be waited for. */
const BACKEND_ENVIRONMENT = {
  BACKEND_HOST: '127.0.0.1',
  BACKEND_PORT: '0',
  BACKEND_TOKEN: undefined,
  DRAIN_SECONDS: '1',
};

/** wrangler without questions, banners, reports home or fetches of its own. */
const QUIET_WRANGLER = {
  WRANGLER_SEND_METRICS: 'false',
  // relative to where it runs, not in the home folder
  WRANGLER_LOG_PATH: '.wrangler/logs',
  WRANGLER_HIDE_BANNER: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  CI: '1',
  NO_COLOR: '1',
};

export function realPrograms(): Programs {
  return {
    stage: async () => (await stageCheckpoint(modelFolder(process.env), STAGED_FOLDER)).skipped,
    backend: {
      command: process.execPath,
      args: ['gpu-backend/main.ts'],
      cwd: ROOT,
      env: BACKEND_ENVIRONMENT,
    },
    edge: (port, backendUrl) => ({
      command: process.execPath,
      args: [
        wranglerPath(),
        'dev',
        '--ip=127.0.0.1',
        `--port=${port}`,
        // any free one: the usual is taken while another pair runs
        '--inspector-port=0',
        `--var=GPU_BACKEND_URL:${backendUrl}`,
        '--show-interactive-dev-session=false',
      ],
      cwd: ROOT,
      env: QUIET_WRANGLER,
    }),
  };
}

function wranglerPath(): string {
  const manifest = createRequire(import.meta.url).resolve('wrangler/package.json');
  return join(dirname(manifest), 'bin/wrangler.js');
}
