/** The processor, through ONNX Runtime's native library: the reference that other devices are compared with. */
import '../no-telemetry.ts';
import * as runtime from 'onnxruntime-node';
import { CPU_SESSION_CONFIG } from '../cpu-session-config.ts';
import type { Provider } from './provider.ts';
import { openOrtSession } from './ort-session.ts';

export const cpu: Provider = {
  device: 'cpu',
  version: async () => runtime.env.versions.common,
  abilities: {
    precisions: ['fp32', 'fp16', 'int8', 'int4'],
    attentions: ['fused', 'plain'],
    hasHostCaches: true,
  },
  openKeeping: null,
  open: (graph, { threads }) =>
    openOrtSession(
      runtime,
      graph,
      {
        executionProviders: ['cpu'],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        executionMode: 'sequential',
        enableMemPattern: false,
        extra: CPU_SESSION_CONFIG,
      },
      // the arena makes a run faster, and would keep its largest moment for ever
      { extra: { memory: { enable_memory_arena_shrinkage: 'cpu:0' } } },
    ),
};
