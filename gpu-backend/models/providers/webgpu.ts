/**
 * A GPU of any maker, through the WebGPU provider of ONNX Runtime's native library: Vulkan on Linux, Metal on macOS,
 * Direct3D 12 on Windows. What it has no kernel for is computed by the processor.
 */
import '../no-telemetry.ts';
import * as runtime from 'onnxruntime-node';
import { openKeepingOrtSession, openOrtSession } from './ort-session.ts';
import { DeviceUnavailable, type Provider } from './provider.ts';

export const webgpu: Provider = {
  device: 'webgpu',
  version: async () => runtime.env.versions.common,
  abilities: {
    // quantised weights run too, but their drift has been measured on no GPU
    precisions: ['fp32'],
    // its flash attention is wrong by 0.03 from some 30 positions on where subgroups are 8 wide, as in Mesa's lavapipe
    attentions: ['plain'],
    hasHostCaches: false,
  },
  open: (graph, { threads }) => answered(() => openOrtSession(runtime, graph, options(threads))),
  openKeeping: (graph, { threads, kept }) =>
    answered(() => openKeepingOrtSession(runtime, graph, options(threads), kept)),
};

function options(threads: number): runtime.InferenceSession.SessionOptions {
  return { executionProviders: ['webgpu', 'cpu'], intraOpNumThreads: threads };
}

/** What `open` opens, if a GPU answers. */
async function answered<Opened>(open: () => Promise<Opened>): Promise<Opened> {
  if (!runtime.listSupportedBackends().some(({ name }) => name === 'webgpu')) {
    throw new DeviceUnavailable(
      'webgpu',
      `onnxruntime-node has no WebGPU for ${process.platform} on ${process.arch}`,
      'It has for Linux on x64, macOS and Windows',
    );
  }
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof Error && error.message.includes('WebGPU adapter'))) throw error;
    throw new DeviceUnavailable(
      'webgpu',
      'no GPU driver answers',
      'On Linux install libvulkan1 and the Vulkan driver of your GPU (mesa-vulkan-drivers 25 also computes without one, slowly)',
      error,
    );
  }
}
