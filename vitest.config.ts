/** Two projects: `node` (everything that runs in Node) and `workerd` (the edge in the real runtime). */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    reporters: ['default', './tests/support/tally-reporter.ts'],
    projects: [
      {
        test: {
          name: 'node',
          include: ['{shared,functions,gpu-backend,scripts}/**/*.test.ts', 'tests/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.workerd.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
