/** Bundles the playground for browsers, to where the edge reads its files from. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const SOURCE = fileURLToPath(new URL('../../functions/playground', import.meta.url));

/** The first that decode sound piece by piece (WebCodecs' AudioDecoder) and know `light-dark()`. */
const BROWSERS = ['chrome123', 'firefox130', 'safari26'];

/** Writes `playground/` below `outDir`. */
export async function stagePage(outDir: string): Promise<void> {
  const target = join(outDir, 'playground');
  await build({
    entryPoints: ['main.ts', 'playground.css', 'docs.css'].map((name) => join(SOURCE, name)),
    outdir: target,
    bundle: true,
    minify: true,
    format: 'esm',
    target: BROWSERS,
    legalComments: 'eof',
    logLevel: 'error',
  });
  await copyFile(join(SOURCE, 'index.html'), join(target, 'index.html'));
}
