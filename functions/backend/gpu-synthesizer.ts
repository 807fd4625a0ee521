/** The synthesizer behind a socket: one connection for each session. */
import type { ConnectBackend } from './backend-socket.ts';
import { GpuSession } from './gpu-session.ts';
import type { Synthesizer } from './synthesizer.ts';

export function gpuSynthesizer(connect: ConnectBackend): Synthesizer {
  return {
    async connect(signal, asker) {
      return GpuSession.open(await connect(signal), signal, asker);
    },
  };
}
