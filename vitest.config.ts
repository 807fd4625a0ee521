/** Two projects: `node` (everything that runs in Node) and `workerd` (the edge in the real runtime). */
import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';
import { unstable_readConfig as readWranglerConfig } from 'wrangler';

// date and flags are those of production; the bindings are the tests' own
const production = readWranglerConfig({ config: 'wrangler.toml' });

export default defineConfig({
  test: {
    reporters: ['default', './tests/support/tally-reporter.ts'],
    projects: [
      {
        test: {
          name: 'node',
          include: [
            '{shared,functions,gpu-backend,scripts,bench}/**/*.test.ts',
            'tests/**/*.test.ts',
          ],
          exclude: ['**/node_modules/**', '**/*.workerd.test.ts'],
          testTimeout: 90_000,
          hookTimeout: 120_000,
        },
      },
      {
        plugins: [
          cloudflareTest(({ inject }) => ({
            main: './functions/worker.ts',
            miniflare: {
              compatibilityDate: production.compatibility_date ?? '',
              compatibilityFlags: production.compatibility_flags,
              // as wrangler has it by itself
              modulesRules: [{ type: 'CompiledWasm', include: ['**/*.wasm'] }],
              bindings: {
                GPU_BACKEND_URL: inject<{ backendUrl: string }>('urls').backendUrl,
                GPU_BACKEND_TOKEN: 'open sesame',
                FILES: 'assets',
              },
              r2Buckets: ['BARK_FILES', 'TAKES'],
              durableObjects: {
                KEY_LEDGER: { className: 'KeyLedger', useSQLite: true },
                SENTENCE_ROOM: { className: 'SentenceRoom', useSQLite: true },
                FILE_ROOM: { className: 'AudioFileRoom', useSQLite: true },
                TAKE_LEDGER: { className: 'TakeLedger', useSQLite: true },
                KEY_DIRECTORY: { className: 'KeyDirectory', useSQLite: true },
              },
              assets: { directory: 'tests/workers/fixtures/staged', binding: 'ASSETS' },
            },
          })),
        ],
        test: {
          name: 'workerd',
          include: ['functions/**/*.workerd.test.ts'],
          globalSetup: ['tests/workers/global-setup.ts'],
          testTimeout: 90_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
