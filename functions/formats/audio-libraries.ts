/** The audio libraries as modules of the Worker, each loaded when it is first needed. */
import type { AudioLibrary } from './encoders.ts';

/** By path and not by package name, since the bundler tells WebAssembly by the end of the name. */
const LIBRARIES: Readonly<Record<AudioLibrary, () => Promise<{ default: WebAssembly.Module }>>> = {
  mp3: () => import('./wasm/mp3.wasm'),
  opus: () => import('../../node_modules/@evan/opus/wasm/simd.wasm'),
  aac: () => import('./wasm/aac.wasm'),
  flac: () => import('./wasm/flac.wasm'),
  sonic: () => import('../../node_modules/@echogarden/sonic-wasm/sonic.wasm'),
};

export async function loadAudioLibrary(name: AudioLibrary): Promise<WebAssembly.Module> {
  const library = await LIBRARIES[name]();
  return library.default;
}
