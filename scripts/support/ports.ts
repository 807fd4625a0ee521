/** Ports of this machine. */
import { createServer } from 'node:net';

const LOOPBACK = '127.0.0.1';

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return bind(0);
}

/** Throws, naming the port and the remedy, when something listens there. */
export async function assertPortFree(port: number): Promise<void> {
  try {
    await bind(port);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'EADDRINUSE') {
      throw new Error(
        `Port ${port} is taken: something else listens there. Stop it, or take another port: PORT=${port + 1} npm start`,
        { cause },
      );
    }
    if (code === 'EACCES') {
      throw new Error(
        `Port ${port} is not ours to take; ports above 1023 are: PORT=8787 npm start`,
        { cause },
      );
    }
    throw cause;
  }
}

function bind(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no port'));
        else resolve(address.port);
      });
    });
  });
}
