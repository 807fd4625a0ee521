/** One sentence of a backend, as little as the wire needs of whoever asks: no checks, no voice, no faults, no time limits. */
import { CREDIT_WINDOW_SAMPLES } from '../../functions/backend/credit-window.ts';
import { parseAudioMessage } from '../../shared/protocol/binary-message.ts';
import { SPEECH_PATH, SUBPROTOCOL } from '../../shared/protocol/limits.ts';
import {
  encodeMessage,
  parseServerMessage,
  type ClientMessage,
} from '../../shared/protocol/messages.ts';

/** The samples as they are, s16le; as many may be on their way as the edge allows, more as these are read. */
export function pipedSpeech(backendUrl: string): ReadableStream<Uint8Array> {
  const socket = new WebSocket(backendUrl.replace(/^http/, 'ws') + SPEECH_PATH, SUBPROTOCOL);
  socket.binaryType = 'arraybuffer';
  const send = (message: ClientMessage): void => socket.send(encodeMessage(message));
  const credit = (samples: number): void => send({ type: 'credit', request: 0, samples });
  /** Null is the end. */
  const pieces: (Uint8Array | null)[] = [];
  let wake: (() => void) | undefined;
  socket.addEventListener('message', ({ data }: { data: unknown }) => {
    if (data instanceof ArrayBuffer) {
      pieces.push(parseAudioMessage(new Uint8Array(data))?.payload ?? new Uint8Array(0));
    } else {
      const message = parseServerMessage(String(data));
      if (message?.type === 'hello') {
        send({
          type: 'speak',
          request: 0,
          ids: [1],
          voice: null,
          options: {},
          latency: 'balanced',
          seed: 0,
          row: 0,
        });
        credit(CREDIT_WINDOW_SAMPLES);
      }
      if (message?.type === 'done') pieces.push(null);
    }
    wake?.();
  });
  return new ReadableStream(
    {
      async pull(controller) {
        while (pieces.length === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        const piece = pieces.shift() ?? null;
        if (piece === null) {
          socket.close();
          return controller.close();
        }
        controller.enqueue(piece);
        return credit(piece.byteLength / 2);
      },
      cancel: () => socket.close(),
    },
    { highWaterMark: 0 },
  );
}
