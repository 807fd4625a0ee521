/** Devices by name. Each is loaded when it is first asked for, so that none needs the libraries of another. */
import { GraphBuilder } from '../../graph/onnx-model.ts';
import type { Device } from '../options.ts';
import type { Provider } from './provider.ts';

const PROVIDERS: Readonly<Record<Device, () => Promise<Provider>>> = {
  cpu: async () => (await import('./cpu.ts')).cpu,
  webgpu: async () => (await import('./webgpu.ts')).webgpu,
  cuda: async () => (await import('./cuda.ts')).cuda,
  wasm: async () => (await import('./wasm.ts')).wasm,
};

/** The provider, once it has opened a graph; throws DeviceUnavailable before any weights are read. */
export async function openProvider(device: Device, threads: number): Promise<Provider> {
  const provider = await PROVIDERS[device]();
  const session = await provider.open(probe(), { threads });
  await session.release();
  return provider;
}

/** The smallest graph there is. */
function probe(): ReturnType<GraphBuilder['build']> {
  const graph = new GraphBuilder('probe');
  graph.output('same', graph.input('value', 'float32', [1]), 'float32', [1]);
  return graph.build();
}
