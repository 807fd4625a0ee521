/**
 * An NVIDIA GPU, through the CUDA provider of ONNX Runtime: its documented option and nothing more. No kernel of it has
 * been run with this project.
 */
import '../no-telemetry.ts';
import * as runtime from 'onnxruntime-node';
import { openOrtSession } from './ort-session.ts';
import { DeviceUnavailable, type Provider } from './provider.ts';

/** What the native library says when a library of its CUDA provider, or one that these need, is missing. */
const MISSING = /shared library|libcu|CUDA driver|no CUDA-capable device/i;

export const cuda: Provider = {
  device: 'cuda',
  version: async () => runtime.env.versions.common,
  abilities: {
    precisions: ['fp32'],
    // GroupQueryAttention has no fp32 kernel there
    attentions: ['plain'],
    hasHostCaches: false,
  },
  // the binding for Node has no tensors in CUDA's memory: every output comes back to the host
  openKeeping: null,
  async open(graph, { threads }) {
    if (!runtime.listSupportedBackends().some(({ name }) => name === 'cuda')) {
      throw new DeviceUnavailable(
        'cuda',
        `onnxruntime-node has no CUDA for ${process.platform} on ${process.arch}`,
        'It has for Linux on x64; webgpu reaches NVIDIA GPUs elsewhere',
      );
    }
    try {
      return await openOrtSession(runtime, graph, {
        executionProviders: [{ name: 'cuda', deviceId: 0 }, 'cpu'],
        intraOpNumThreads: threads,
      });
    } catch (error) {
      if (!(error instanceof Error && MISSING.test(error.message))) throw error;
      throw new DeviceUnavailable(
        'cuda',
        "ONNX Runtime's CUDA libraries, or what they need, are missing; they are not installed unless asked for",
        'Install an NVIDIA driver, CUDA 12 and cuDNN 9, then run `ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js`',
        error,
      );
    }
  },
};
