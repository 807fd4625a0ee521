/** The edge's audio libraries in Node, where a file can be compiled while a test runs. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AudioLibrary } from '../../functions/formats/encoders.ts';

const FILES = {
  mp3: 'functions/formats/wasm/mp3.wasm',
  opus: 'node_modules/@evan/opus/wasm/simd.wasm',
  aac: 'functions/formats/wasm/aac.wasm',
  flac: 'functions/formats/wasm/flac.wasm',
  sonic: 'node_modules/@echogarden/sonic-wasm/sonic.wasm',
} satisfies Record<AudioLibrary, string>;

export async function loadAudioLibrary(name: AudioLibrary): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readFile(join(import.meta.dirname, '../..', FILES[name])));
}
