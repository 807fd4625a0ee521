/** Fake backends on real sockets, for the tests that run in workerd. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { startFakeBackend } from './fake-backend-server.ts';
import { FIXTURE_MODEL } from './fixture-checkpoint.ts';
import type { ProvidedUrls } from './provided-urls.ts';

const BACKEND_TOKEN = 'open sesame';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const hello = { model: FIXTURE_MODEL, vocabulary: null };
  const well = await startFakeBackend({ hello, samples: 48_000, token: BACKEND_TOKEN });
  const broken = await startFakeBackend({ hello, samples: 48_000, dropAfterSamples: 4_800 });
  const refusing = createServer();
  refusing.on('upgrade', (request, socket) => {
    const status = Number(/\d{3}/.exec(request.url ?? '')?.[0] ?? 500);
    socket.end(
      `HTTP/1.1 ${status} No\r\nContent-Length: 2\r\nRetry-After: 3\r\nConnection: close\r\n\r\nno`,
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
