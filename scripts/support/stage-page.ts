/** Bundles the playground for browsers, to where the edge reads its files from. */
import { copyFile, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { jsonObject } from './json-object.ts';

const SOURCE = fileURLToPath(new URL('../../functions/playground', import.meta.url));

/** The first that decode sound piece by piece (WebCodecs' AudioDecoder) and know `light-dark()`. */
const BROWSERS = ['chrome123', 'firefox130', 'safari26'];

const PAGE = ['main.ts', 'playground.css', 'docs.css'];
/** Threads that decode codes, for those who have WebGPU and those who have not. */
const DECODERS = ['codec-wasm.ts', 'codec-webgpu.ts'];

/** Their runtime, which they load by itself: as it is called there, and here. */
const RUNTIME = { 'ort-wasm-simd-threaded': '', 'ort-wasm-simd-threaded.jspi': '-jspi' };

/** Writes `playground/` below `outDir`; without onnxruntime-web, which is optional, the page plays no codes. */
export async function stagePage(outDir: string): Promise<void> {
  const target = join(outDir, 'playground');
  const runtime = runtimeFolder();
  await build({
    entryPoints: [...PAGE, ...(runtime === null ? [] : DECODERS)].map((name) => join(SOURCE, name)),
    outdir: target,
    bundle: true,
    minify: true,
    format: 'esm',
    target: BROWSERS,
    // else the runtime's glue would be in each of them
    conditions: ['onnxruntime-web-use-extern-wasm'],
    legalComments: 'eof',
    logLevel: 'error',
  });
  await copyFile(join(SOURCE, 'index.html'), join(target, 'index.html'));
  if (runtime !== null) await copyRuntime(runtime, target);
}

async function copyRuntime(folder: string, target: string): Promise<void> {
  const manifest = jsonObject(await readFile(join(folder, '../package.json'), 'utf8'));
  const version = String(manifest?.['version']);
  for (const [name, kind] of Object.entries(RUNTIME)) {
    for (const extension of ['mjs', 'wasm']) {
      await copyFile(
        join(folder, `${name}.${extension}`),
        join(target, `ort-${version}${kind}.${extension}`),
      );
    }
  }
}

/** Null where it is not installed. */
function runtimeFolder(): string | null {
  try {
    return dirname(createRequire(import.meta.url).resolve('onnxruntime-web/wasm'));
  } catch {
    return null;
  }
}
