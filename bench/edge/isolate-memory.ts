/** What an isolate holds once its garbage is collected, as its debugger tells. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import * as z from 'zod/mini';

const ANSWER_TIMEOUT_MS = 60_000;

/** Buffers are swept in the background after each. */
const COLLECTIONS = 3;
const SWEEP_MS = 300;

const target = z.object({ webSocketDebuggerUrl: z.string() });
const usage = z.object({
  id: z.literal(2),
  result: z.object({ usedSize: z.number(), backingStorageSize: z.number() }),
});

/** JavaScript's heap and all buffers, in MB: what an isolate may have 128 of. `inspector` is an http address. */
export async function isolateMb(inspector: string): Promise<number> {
  const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  const [first] = z
    .array(target)
    .parse(await (await fetch(`${inspector}/json`, { signal })).json());
  // the platform's own socket names a client that wrangler does not let in
  const socket = new WebSocket(first?.webSocketDebuggerUrl ?? inspector);
  try {
    await once(socket, 'open', { signal });
    for (let i = 0; i < COLLECTIONS; i += 1) {
      socket.send(JSON.stringify({ id: 1, method: 'HeapProfiler.collectGarbage' }));
      await new Promise((resolve) => setTimeout(resolve, SWEEP_MS));
    }
    socket.send(JSON.stringify({ id: 2, method: 'Runtime.getHeapUsage' }));
    for (;;) {
      const [data] = await once(socket, 'message', { signal });
      const { success, data: answer } = usage.safeParse(JSON.parse(String(data)));
      if (!success) continue;
      const { usedSize, backingStorageSize } = answer.result;
      return (usedSize + backingStorageSize) / 2 ** 20;
    }
  } finally {
    socket.close();
  }
}
