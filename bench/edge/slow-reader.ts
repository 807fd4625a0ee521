/** A client that takes its time: 1 KiB a second, however much is there. */
import { Socket } from 'node:net';
import type { ConnectNarrow } from './narrow-socket.ts';

const BYTES_A_READ = 128;
const READS_A_SECOND = 8;
export const BYTES_A_SECOND = BYTES_A_READ * READS_A_SECOND;

const ANSWER_TIMEOUT_MS = 60_000;

export interface SlowReader {
  /** Whether the other side has not hung up. */
  readonly isConnected: boolean;
  /** Hangs up. */
  leave(): void;
}

/** Resolves once the answer has begun; throws on anything but 200. Nothing is read ahead: the rest lies with whoever sends. */
export function startSlowReader(
  connect: ConnectNarrow,
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<SlowReader> {
  const { hostname, port, pathname, search } = new URL(url);
  const buffer = new Uint8Array(BYTES_A_READ);
  return new Promise((resolve, reject) => {
    let hasBegun = false;
    let isConnected = true;
    const take = (size: number): boolean => {
      if (hasBegun) return false;
      hasBegun = true;
      const [line = ''] = new TextDecoder().decode(buffer.subarray(0, size)).split('\r\n');
      if (!line.includes(' 200 ')) {
        socket.destroy(new Error(`The Worker answered ${line}.`));
        return false;
      }
      socket.setTimeout(0);
      resolve({
        get isConnected() {
          return isConnected;
        },
        leave: () => socket.destroy(),
      });
      return false;
    };
    const socket = new Socket({
      fd: connect(Number(port)),
      readable: true,
      writable: true,
      onread: { buffer, callback: take },
    });
    const timer = setInterval(() => socket.resume(), 1_000 / READS_A_SECOND);
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => {
      socket.destroy(new Error('The Worker did not answer in time.'));
    });
    socket.once('error', reject);
    socket.once('close', () => {
      isConnected = false;
      clearInterval(timer);
      reject(new Error('The Worker hung up.'));
    });
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(
      `GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n${lines.join('')}\r\n`,
    );
  });
}
