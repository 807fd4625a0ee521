/** A backend socket without a network: edge and fake backend in one process, messages in order. */
import type { ConnectBackend, SocketListener } from '../../functions/backend/backend-socket.ts';
import type { FakeBackend } from './fake-backend.ts';

export function loopback(backend: FakeBackend): ConnectBackend {
  return async function connect() {
    let listener: SocketListener | undefined;
    let isOpen = true;
    const early: (string | Uint8Array)[] = [];
    const end = (code: number): void => {
      if (!isOpen) return;
      isOpen = false;
      connection.gone();
      listener?.closed(code);
    };
    const connection = backend.connect(
      (data) => {
        queueMicrotask(() => {
          if (listener === undefined) early.push(data);
          else if (isOpen) listener.message(data);
        });
      },
      () => queueMicrotask(() => end(1006)),
    );
    return {
      send(message) {
        queueMicrotask(() => {
          if (!isOpen) return;
          if (typeof message === 'string') connection.receiveText(message);
          else void connection.receiveBytes(message);
        });
      },
      listen(newListener) {
        listener = newListener;
        for (const data of early.splice(0)) listener.message(data);
      },
      // after what was sent before, as on a line
      close: (code) => queueMicrotask(() => end(code)),
    };
  };
}
