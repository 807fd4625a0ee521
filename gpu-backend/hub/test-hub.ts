/**
 * A hub for tests: a real server on this machine that speaks the addresses and headers of the public one,
 * with a second one as the CDN that large files are redirected to, and faults to order.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const TEST_COMMIT = '0123456789abcdef0123456789abcdef01234567';

/** Time to read what came before a cut. */
const CUT_AFTER_MS = 100;

/** What happens to one request instead of an answer, or to its answer. */
export type Fault =
  | { readonly type: 'status'; readonly status: number; readonly headers?: Record<string, string> }
  /** The connection is cut after so many bytes of the body. */
  | { readonly type: 'cut'; readonly afterBytes: number }
  /** These bytes instead of the file's. */
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'headers'; readonly headers: Record<string, string> }
  /** No answer at all. */
  | { readonly type: 'hang' }
  /** The range is not heeded. */
  | { readonly type: 'whole' };

export interface TestRequest {
  readonly host: 'hub' | 'cdn';
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

export interface TestHub {
  readonly url: string;
  readonly cdnUrl: string;
  readonly requests: TestRequest[];
  /** By path in the repository or on the hub; each fault happens once, in order. */
  readonly faults: Map<string, Fault[]>;
  readonly files: Map<string, Uint8Array>;
  /** Changes the listing before it is sent. */
  listing: (listing: Record<string, unknown>) => unknown;
  /** Answered to whoever has no such token; null lets everybody in. */
  token: string | null;
  /** Resolves when something is asked for. */
  nextRequest(): Promise<void>;
  close(): Promise<void>;
}

/** Files from this size on lie on the CDN. */
const LARGE_BYTES = 1_000;
const REPOSITORY = 'suno/bark-test';

export async function startTestHub(files: ReadonlyMap<string, Uint8Array>): Promise<TestHub> {
  const waiting: (() => void)[] = [];
  const hubServer = createServer((request, response) => answer('hub', request, response));
  const cdnServer = createServer((request, response) => answer('cdn', request, response));
  const hub: TestHub = {
    url: await listen(hubServer),
    // another name of this machine, so another host
    cdnUrl: (await listen(cdnServer)).replace('127.0.0.1', 'localhost'),
    requests: [],
    faults: new Map(),
    files: new Map(files),
    listing: (listing) => listing,
    token: null,
    nextRequest: () => new Promise((resolve) => waiting.push(resolve)),
    close: async () => {
      for (const server of [hubServer, cdnServer]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };

  function answer(host: 'hub' | 'cdn', request: IncomingMessage, response: ServerResponse): void {
    const { pathname: path } = new URL(request.url ?? '/', hub.url);
    for (const resolve of waiting.splice(0)) resolve();
    hub.requests.push({ host, path: request.url ?? '', headers: request.headers });
    if (host === 'cdn') {
      sendFile(decodeURIComponent(path.slice('/blob/'.length)), request, response, {});
      return;
    }
    if (hub.token !== null && request.headers.authorization !== `Bearer ${hub.token}`) {
      response.writeHead(401, { 'X-Error-Code': 'RepoNotFound' }).end('{}');
      return;
    }
    if (path.startsWith(`/api/models/${REPOSITORY}/revision/`)) {
      sendListing(path, response);
      return;
    }
    const prefix = `/${REPOSITORY}/resolve/${TEST_COMMIT}/`;
    if (path.startsWith(prefix)) {
      resolveFile(decodeURIComponent(path.slice(prefix.length)), request, response);
    } else response.writeHead(404, { 'X-Error-Code': 'RepoNotFound' }).end('{}');
  }

  function sendListing(path: string, response: ServerResponse): void {
    const fault = hub.faults.get('listing')?.shift();
    if (fault?.type === 'hang') return;
    if (fault?.type === 'status') {
      response.writeHead(fault.status, fault.headers).end('{}');
    } else if (!/\/(main|refs%2Fpr%2F1|0123456789abcdef\w*)$/.test(path)) {
      response.writeHead(404, { 'X-Error-Code': 'RevisionNotFound' }).end('{}');
    } else {
      const siblings = Array.from(hub.files, ([rfilename, bytes]) => ({
        rfilename,
        size: bytes.length,
        blobId: gitSha1(bytes),
        ...(isLarge(bytes) && {
          lfs: { sha256: sha256(bytes), size: bytes.length, pointerSize: 134 },
        }),
      }));
      const listing = { id: REPOSITORY, sha: TEST_COMMIT, private: false, gated: false, siblings };
      response.end(JSON.stringify(hub.listing(listing)));
    }
  }

  function resolveFile(path: string, request: IncomingMessage, response: ServerResponse): void {
    const bytes = hub.files.get(path);
    if (bytes === undefined) {
      response.writeHead(404, { 'X-Error-Code': 'EntryNotFound' }).end();
    } else if (isLarge(bytes)) {
      response
        .writeHead(302, {
          Location: `${hub.cdnUrl}/blob/${encodeURIComponent(path)}?Signature=secret`,
          'X-Repo-Commit': TEST_COMMIT,
          'X-Linked-Size': bytes.length,
          'X-Linked-Etag': `"${sha256(bytes)}"`,
        })
        .end();
    } else {
      sendFile(path, request, response, {
        ETag: `"${gitSha1(bytes)}"`,
        'X-Repo-Commit': TEST_COMMIT,
      });
    }
  }

  function sendFile(
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
    headers: Record<string, string>,
  ): void {
    const fault = hub.faults.get(path)?.shift();
    if (fault?.type === 'status') {
      response.writeHead(fault.status, fault.headers).end('fault');
      return;
    }
    const bytes =
      fault?.type === 'bytes' ? fault.bytes : (hub.files.get(path) ?? new Uint8Array(0));
    const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    const from = asked === null || fault?.type === 'whole' ? 0 : Number(asked[1]);
    if (from > 0 && from >= bytes.length) {
      response.writeHead(416, { 'Content-Range': `bytes */${bytes.length}` }).end();
      return;
    }
    response.writeHead(from > 0 ? 206 : 200, {
      ...headers,
      'Content-Length': bytes.length - from,
      ...(from > 0 && { 'Content-Range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
      ...(fault?.type === 'headers' && fault.headers),
    });
    if (fault?.type === 'cut') {
      // a client that hears of both at once may drop what had come
      response.write(bytes.subarray(from, from + fault.afterBytes), () =>
        setTimeout(() => response.destroy(), CUT_AFTER_MS),
      );
    } else response.end(bytes.subarray(from));
  }

  return hub;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, () => resolve()));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server on TCP has such an address
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function isLarge(bytes: Uint8Array): boolean {
  return bytes.length >= LARGE_BYTES;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function gitSha1(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
