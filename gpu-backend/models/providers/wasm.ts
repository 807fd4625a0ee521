/** The processor through WebAssembly: needs no native library, so it runs wherever Node does. */
import type * as web from 'onnxruntime-web';
import { openOrtSession } from './ort-session.ts';
import { DeviceUnavailable, type Provider } from './provider.ts';

export const wasm: Provider = {
  device: 'wasm',
  version: async () => (await load()).env.versions.common,
  abilities: {
    // its kernels for quantised weights exist and are slower than those for fp32
    precisions: ['fp32', 'fp16'],
    // its GroupQueryAttention is slow in prompts, of which there is one every 60 coarse ids
    attentions: ['plain', 'fused'],
    hasHostCaches: false,
  },
  openKeeping: null,
  async open(graph, { threads }) {
    const runtime = await load();
    // one setting for the whole thread; read when the first session is opened
    runtime.env.wasm.numThreads = threads;
    return await openOrtSession(runtime, graph, { executionProviders: ['wasm'] });
  },
};

async function load(): Promise<typeof web> {
  try {
    return await import('onnxruntime-web');
  } catch (error) {
    throw new DeviceUnavailable(
      'wasm',
      'the package onnxruntime-web is not installed',
      '`npm install --include=optional` brings it',
      error,
    );
  }
}
