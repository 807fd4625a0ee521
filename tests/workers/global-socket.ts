/** A backend socket over the platform's own WebSocket, for tests that run outside of a Worker. */
import { SPEECH_PATH, SUBPROTOCOL } from '#shared/protocol/limits.ts';
import type { ConnectBackend } from '../../functions/backend/backend-socket.ts';

/** Opens `ws://` sockets below this origin. */
export function globalConnector(origin: string): ConnectBackend {
  return async function connect() {
    const socket = new WebSocket(origin + SPEECH_PATH, SUBPROTOCOL);
    socket.binaryType = 'arraybuffer';
    const early: MessageEvent[] = [];
    const keep = (event: MessageEvent): void => void early.push(event);
    socket.addEventListener('message', keep);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve(), { once: true });
      socket.addEventListener('error', () => reject(new Error('no connection')), { once: true });
    });
    return {
      send: (message) => socket.send(message),
      listen(listener) {
        const hand = ({ data }: MessageEvent): void =>
          listener.message(typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer));
        socket.removeEventListener('message', keep);
        for (const event of early) hand(event);
        socket.addEventListener('message', hand);
        socket.addEventListener('close', ({ code }) => listener.closed(code));
      },
      close: (code, reason) => socket.close(code, reason),
    };
  };
}
