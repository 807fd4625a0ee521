/** Fake backends on real sockets, for the tests that run in workerd. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { CODES } from './fake-backend.ts';
import { startFakeBackend } from './fake-backend-server.ts';
import { FIXTURE_MODEL } from './fixture-checkpoint.ts';
import type { ProvidedUrls } from './provided-urls.ts';

const BACKEND_TOKEN = 'open sesame';

/** Bodies of refused upgrades, by the name in their path. */
const REFUSALS: Readonly<Record<string, string>> = {
  loading: refusal('backend_unavailable', 'The model is still being loaded.'),
  draining: refusal('draining', 'The backend is going away.'),
  // not what a 503 may say
  odd: refusal('not_found', 'There is nothing here.'),
  unknown: refusal('on_holiday', 'Come again in August.'),
  long: refusal('draining', 'x'.repeat(5_000)),
  html: '<h1>503 Service Unavailable</h1>',
};

function refusal(code: string, message: string): string {
  return JSON.stringify({ error: { code, message } });
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const hello = { model: FIXTURE_MODEL, vocabulary: null, codes: CODES };
  const well = await startFakeBackend({ hello, samples: 48_000, token: BACKEND_TOKEN });
  const broken = await startFakeBackend({ hello, samples: 48_000, dropAfterSamples: 4_800 });
  const refusing = createServer();
  refusing.on('upgrade', (request, socket) => {
    const [, status = '500', body = 'no'] =
      /^\/(\d{3})\/(?:([^/]+)\/)?/.exec(request.url ?? '') ?? [];
    const text = REFUSALS[body] ?? body;
    socket.end(
      `HTTP/1.1 ${status} No\r\nContent-Length: ${text.length}\r\nRetry-After: 3\r\nConnection: close\r\n\r\n${text}`,
    );
  });
  await new Promise<void>((resolve) => {
    refusing.listen(0, '127.0.0.1', resolve);
  });
  const { port } = refusing.address() as AddressInfo;
  const urls: ProvidedUrls = {
    backendUrl: well.url,
    brokenBackendUrl: broken.url,
    refusingUrl: `http://127.0.0.1:${port}`,
  };
  project.provide('urls', urls);
  return async () => {
    await Promise.all([well.close(), broken.close()]);
    refusing.close();
  };
}
