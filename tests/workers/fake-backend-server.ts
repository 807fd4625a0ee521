/**
 * The fake backend behind a real socket. By hand, beside `wrangler dev`:
 * `node tests/workers/fake-backend-server.ts '{"port": 9090, "samples": 240000, "intervalMs": 50}'`
 */
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { DECODER_PATH, SPEECH_PATH, SUBPROTOCOL } from '#shared/protocol/limits.ts';
import { FakeBackend, type FakeBackendOptions } from './fake-backend.ts';
import { FIXTURE_MODEL } from './fixture-checkpoint.ts';

// not imported: where a Worker's tests are set up, an import finds the browser's half of the package
const { WebSocketServer } = createRequire(import.meta.url)('ws') as typeof import('ws');

interface FakeServerOptions {
  readonly port?: number;
  /** Demanded as a bearer token. */
  readonly token?: string;
}

/** What it serves as the file that decodes its codes. */
export const DECODER = 'no real decoder';

export interface FakeServer {
  readonly url: string;
  readonly backend: FakeBackend;
  close(): Promise<void>;
}

export async function startFakeBackend(
  options: FakeBackendOptions & FakeServerOptions,
): Promise<FakeServer> {
  const backend = new FakeBackend(options);
  const decoder = `${DECODER_PATH}${options.hello.codes?.decoder}.onnx`;
  const http = createServer((request, response) => {
    const isKnown = request.url === decoder && hasToken(request.headers.authorization);
    if (!isKnown) response.writeHead(404).end();
    else response.writeHead(200, { 'Content-Length': DECODER.length }).end(DECODER);
  });
  function hasToken(authorization: string | undefined): boolean {
    return options.token === undefined || authorization === `Bearer ${options.token}`;
  }
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => SUBPROTOCOL });
  http.on('upgrade', (request, socket, head) => {
    const refuse = (status: string): void => {
      socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    };
    if (request.url !== SPEECH_PATH) return refuse('404 Not Found');
    if (!hasToken(request.headers.authorization)) return refuse('401 Unauthorized');
    return sockets.handleUpgrade(request, socket, head, (ws) => {
      const connection = backend.connect(
        (data) => ws.send(data),
        () => ws.terminate(),
      );
      ws.on('message', (data, isBinary) => {
        // one Buffer a message, as ws has it unless told otherwise
        const bytes = data as unknown as Uint8Array;
        if (isBinary) void connection.receiveBytes(bytes);
        else connection.receiveText(new TextDecoder().decode(bytes));
      });
      ws.on('close', () => connection.gone());
    });
  });
  await new Promise<void>((resolve) => {
    http.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = http.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    backend,
    async close() {
      for (const ws of sockets.clients) ws.terminate();
      await new Promise<void>((resolve) => {
        http.close(() => resolve());
      });
    },
  };
}

if (import.meta.main) {
  const options = JSON.parse(process.argv[2] ?? '{}') as object;
  const { backend, url } = await startFakeBackend({
    port: 9_090,
    hello: { model: FIXTURE_MODEL, vocabulary: null },
    ...options,
  });
  process.stdout.write(`${url}\n`);
  let last = '';
  setInterval(() => {
    const { openConnections, samplesSent, voicesReceived } = backend;
    const line = JSON.stringify({
      openConnections,
      samplesSent,
      voicesReceived,
      speaks: backend.speaks.length,
      cancels: backend.count('cancel'),
      credits: backend.count('credit'),
    });
    if (line !== last) process.stdout.write(`${Date.now()} ${line}\n`);
    last = line;
  }, 250);
}
