/** Stands before an edge and holds back the rest of a speech, to see what is made of its beginning. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HeldSpeech {
  readonly url: string;
  /** Lets the speech that is held go on to its end. */
  release(): void;
  stop(): void;
}

/** `share`: how much of the events of a speech come at once, in 0..1. */
export async function holdSpeech(edgeUrl: string, share: number): Promise<HeldSpeech> {
  let release = (): void => undefined;
  const answer = async (asked: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/' } = asked;
    const parts: Uint8Array[] = [];
    for await (const part of asked) parts.push(part as Uint8Array);
    const upstream = await fetch(edgeUrl + url, {
      method,
      headers: { 'Content-Type': asked.headers['content-type'] ?? '' },
      ...(parts.length === 0 ? {} : { body: Buffer.concat(parts) }),
    });
    const body = Buffer.from(await upstream.arrayBuffer());
    const headers = Object.fromEntries(upstream.headers);
    delete headers['content-encoding'];
    delete headers['transfer-encoding'];
    delete headers['content-length'];
    response.writeHead(upstream.status, headers);
    if (method === 'POST') {
      const released = new Promise<void>((resolve) => (release = resolve));
      const beginning = Math.floor(body.length * share);
      response.write(body.subarray(0, beginning));
      await released;
      response.end(body.subarray(beginning));
    } else response.end(body);
  };
  const server: Server = createServer((asked, response) => {
    answer(asked, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    release: () => release(),
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
