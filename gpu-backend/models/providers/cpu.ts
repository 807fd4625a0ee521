/** The processor, through ONNX Runtime's native library: the reference that other devices are compared with. */
import '../no-telemetry.ts';
import * as runtime from 'onnxruntime-node';
import type { Provider } from './provider.ts';
import { openOrtSession } from './ort-session.ts';

export const cpu: Provider = {
  device: 'cpu',
  abilities: {
    precisions: ['fp32', 'fp16', 'int8', 'int4'],
    attentions: ['fused', 'plain'],
    hasHostCaches: true,
  },
  openKeeping: null,
  open: (graph, { threads }) =>
    openOrtSession(runtime, graph, {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      // an arena keeps its largest moment for ever, and wins no time that can be measured
      enableCpuMemArena: false,
      enableMemPattern: false,
      // threads that spin between runs starve whatever else the machine does
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    }),
};
