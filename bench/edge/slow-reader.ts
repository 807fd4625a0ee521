/** A client that takes its time: 1 KiB a second, however much is there. */
import { connect, type Socket } from 'node:net';

const BYTES_A_READ = 128;
const READS_A_SECOND = 8;

export interface SlowReader {
  /** Hangs up. */
  leave(): void;
}

/** Resolves once the answer has begun; throws on anything but 200. Nothing is read ahead: the rest lies with whoever sends. */
export function startSlowReader(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<SlowReader> {
  const { hostname, port, pathname, search } = new URL(url);
  const buffer = new Uint8Array(BYTES_A_READ);
  return new Promise((resolve, reject) => {
    let hasBegun = false;
    const take = (size: number): boolean => {
      if (hasBegun) return false;
      hasBegun = true;
      const [line = ''] = new TextDecoder().decode(buffer.subarray(0, size)).split('\r\n');
      if (line.includes(' 200 ')) resolve({ leave: () => leave(socket, timer) });
      else reject(new Error(`The Worker answered ${line}.`));
      return false;
    };
    const socket = connect({
      host: hostname,
      port: Number(port),
      onread: { buffer, callback: take },
    });
    const timer = setInterval(() => socket.resume(), 1_000 / READS_A_SECOND);
    socket.once('error', reject);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(
      `GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n${lines.join('')}\r\n`,
    );
  });
}

function leave(socket: Socket, timer: ReturnType<typeof setInterval>): void {
  clearInterval(timer);
  socket.destroy();
}
