import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { createConnection } from 'node:net';
import { RECORDS_PATH, SPEECH_PATH, SUBPROTOCOL } from '#shared/protocol/limits.ts';
import { parseRequestRecord } from '#shared/protocol/request-record.ts';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Synthesizer } from '../pipeline/synthesizer.ts';
import { FakeClock } from '../../tests/support/fake-clock.ts';
import { ProtocolClient, refusedUpgrade } from '../../tests/support/protocol-client.ts';
import { SineSynthesizer } from '../../tests/support/sine-synthesizer.ts';
import { createSpeechServer, type ServerConfig, type SpeechServer } from './server.ts';

const CONFIG: ServerConfig = {
  host: '127.0.0.1',
  port: 0,
  token: null,
  queueCapacity: 4,
  drainMs: 30_000,
};
const TOKEN = 'a secret of this test only';

const servers: SpeechServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(
  changes: Partial<ServerConfig> = {},
  synthesizer: Synthesizer | Promise<Synthesizer> = new SineSynthesizer(),
) {
  const clock = new FakeClock();
  const events: string[] = [];
  const server = createSpeechServer({
    synthesizer,
    config: { ...CONFIG, ...changes },
    clock,
    log: (event) => events.push(event),
  });
  servers.push(server);
  const { url } = await server.listen();
  return { server, url, clock, events };
}

async function errorCode(response: Response): Promise<unknown> {
  return ((await response.json()) as { error: { code: string } }).error.code;
}

describe('health', () => {
  test('tells the model once it is ready', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/health`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      status: 'ready',
      protocol: 1,
      model: 'sine',
      speaking: 0,
      waiting: 0,
    });
  });

  test('is 503 while the model loads, and so is a socket', async () => {
    const loading = Promise.withResolvers<Synthesizer>();
    const { url } = await start({}, loading.promise);
    const early = await fetch(`${url}/health`);
    expect(early.status).toBe(503);
    expect(early.headers.get('retry-after')).toBe('2');
    expect(await errorCode(early)).toBe('backend_unavailable');
    expect((await refusedUpgrade(url)).status).toBe(503);
    loading.resolve(new SineSynthesizer());
    await loading.promise;
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  test('stays 503 when the model can not be loaded', async () => {
    const { url } = await start({}, Promise.reject(new Error('no weights')));
    expect((await fetch(`${url}/health`)).status).toBe(503);
  });

  test('is only read', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/health`, { method: 'POST' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test('other paths are not found', async () => {
    const { url } = await start();
    expect((await fetch(`${url}/else`)).status).toBe(404);
  });
});

describe('what a request has cost', () => {
  test('is told by its id, once for each sentence, with faults by their code', async () => {
    const synthesizer = new SineSynthesizer();
    const { url } = await start({}, synthesizer);
    const client = await ProtocolClient.connect(url);
    client.speak(1, { id: 'order-66', row: 0 });
    client.credit(1, 100_000);
    await client.through(1);
    synthesizer.failWith(new Error('out of tune'));
    client.speak(2, { id: 'order-66', row: 1 });
    await client.through(2);
    const record = await fetch(`${url}${RECORDS_PATH}order-66`);
    expect(record.status).toBe(200);
    expect(parseRequestRecord(await record.text())).toMatchObject({
      id: 'order-66',
      sentences: [
        { row: 0, outcome: 'done', samples: 24_000, report: { queueMs: 0 } },
        { row: 1, outcome: 'internal', samples: 0, report: null },
      ],
    });
    const unknown = await fetch(`${url}${RECORDS_PATH}order-67`);
    expect([unknown.status, await errorCode(unknown)]).toEqual([404, 'not_found']);
  });

  test('is told of a sentence that runs, as far as it is', async () => {
    const { url } = await start();
    const client = await ProtocolClient.connect(url);
    const told = async () =>
      parseRequestRecord(await (await fetch(`${url}${RECORDS_PATH}order-68`)).text()).sentences;
    client.speak(1, { id: 'order-68', row: 0 });
    client.credit(1, 8_000);
    await vi.waitFor(async () =>
      expect(await told()).toEqual([{ row: 0, outcome: 'running', samples: 8_000, report: null }]),
    );
    client.credit(1, 100_000);
    await client.through(1);
    expect(await told()).toMatchObject([{ row: 0, outcome: 'done', samples: 24_000 }]);
  });

  test('is told to whom has the secret alone', async () => {
    const token = 'secret-of-this-test-only';
    const { url } = await start({ token });
    expect((await fetch(`${url}${RECORDS_PATH}x`)).status).toBe(401);
    const headers = { Authorization: `Bearer ${token}` };
    expect((await fetch(`${url}${RECORDS_PATH}x`, { headers })).status).toBe(404);
  });
});

describe('who may open a socket', () => {
  test('a server that others can reach does not start without a secret', () => {
    expect(() =>
      createSpeechServer({
        synthesizer: new SineSynthesizer(),
        config: { ...CONFIG, host: '0.0.0.0' },
        log: () => undefined,
      }),
    ).toThrow('set BACKEND_TOKEN');
  });

  test.each([
    ['none', {}],
    ['a wrong one', { Authorization: 'Bearer a secret of this test' }],
    ['another scheme', { Authorization: `Basic ${TOKEN}` }],
  ])('with %s as secret the answer is 401', async (_case, headers) => {
    const { url } = await start({ token: TOKEN });
    const refused = await refusedUpgrade(url, { headers });
    expect(refused.status).toBe(401);
    expect(refused.body).toContain('Bearer');
    expect(refused.body).not.toContain(TOKEN);
  });

  test('with the secret the socket opens', async () => {
    const token = 'secret-of-this-test-only';
    const { url } = await start({ token });
    const client = await ProtocolClient.connect(url, { token });
    expect(client.hello.model).toBe('sine');
  });

  test('a web page may not speak to a server without a secret', async () => {
    const { url } = await start();
    const refused = await refusedUpgrade(url, { headers: { Origin: 'https://example.com' } });
    expect(refused.status).toBe(401);
  });

  test('a client of another protocol is told what is spoken here', async () => {
    const { url } = await start();
    const refused = await refusedUpgrade(url, { subprotocol: 'bark-edge.v999' });
    expect(refused.status).toBe(426);
    expect(refused.headers['upgrade']).toBe('websocket');
    expect(refused.body).toContain(SUBPROTOCOL);
    expect(refused.body).toContain(SPEECH_PATH);
  });

  test('so is one that does not ask for a socket', async () => {
    const { url } = await start();
    const response = await fetch(`${url}${SPEECH_PATH}`);
    expect(response.status).toBe(426);
    expect(await response.text()).toContain(SUBPROTOCOL);
  });

  test('sockets open nowhere else', async () => {
    const { url } = await start();
    const request = httpRequest(`${url}/else`, {
      headers: { Connection: 'Upgrade', Upgrade: 'websocket' },
    });
    request.end();
    const [response] = (await once(request, 'response')) as [
      { statusCode: number; resume(): void },
    ];
    response.resume();
    expect(response.statusCode).toBe(404);
  });

  test('a peer that hangs up in the handshake hurts nobody', async () => {
    const { url } = await start();
    const socket = createConnection(Number(new URL(url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(`GET ${SPEECH_PATH} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n`);
    socket.resetAndDestroy();
    await once(socket, 'close');
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });
});

describe('sockets', () => {
  test('are as many as may speak and wait need, so that who is one too many hears its place', async () => {
    const synthesizer = new SineSynthesizer();
    const held = synthesizer.hold('coarse', 2);
    const { url } = await start({ queueCapacity: 260 }, synthesizer);
    const clients = await Promise.all(
      Array.from({ length: 262 }, () => ProtocolClient.connect(url)),
    );
    for (const client of clients.slice(0, 261)) client.speak(0);
    await Promise.all(clients.slice(0, 261).map((client) => client.until('accepted')));
    await held.reached;
    const last = clients.at(-1);
    last?.speak(0);
    expect(await last?.next('fault')).toMatchObject({ code: 'busy', position: 261 });
    held.release();
  });

  test('are bounded all the same', async () => {
    const { url } = await start();
    await Promise.all(Array.from({ length: 256 }, () => ProtocolClient.connect(url)));
    expect((await refusedUpgrade(url)).status).toBe(503);
  });
});

describe('drain', () => {
  test('tells every socket, lets what runs end, refuses what is new, then closes', async () => {
    const synthesizer = new SineSynthesizer();
    const held = synthesizer.hold('coarse', 2);
    const { server, url, clock, events } = await start({}, synthesizer);
    const client = await ProtocolClient.connect(url);
    const bystander = await ProtocolClient.connect(url);
    client.speak(1);
    client.credit(1, 100_000);
    await held.reached;

    const drained = server.drain();
    expect(await client.until('drain')).toEqual({ type: 'drain', withinMs: 30_000 });
    clock.advance(10_000);
    expect(await bystander.next('drain')).toBeDefined();
    client.speak(2);
    expect(await client.next('fault')).toMatchObject({
      request: 2,
      code: 'draining',
      retryAfterMs: 20_000,
    });
    expect((await fetch(`${url}/health`)).status).toBe(503);

    held.release();
    const messages = await client.through(1);
    expect(messages.at(-1)).toMatchObject({ type: 'done', samples: 24_000 });
    clock.advance(2_000);
    await drained;
    expect(await client.closed).toMatchObject({ code: 1001 });
    expect(await bystander.closed).toMatchObject({ code: 1001 });
    expect(events.slice(-1)).toEqual(['closed']);
  });

  test('lets a text that is heard go on, on its socket or a new one, and no other', async () => {
    const synthesizer = new SineSynthesizer();
    const { server, url, clock } = await start({}, synthesizer);
    const client = await ProtocolClient.connect(url);
    const text = { id: 'text', caller: 'caller' };
    const held = synthesizer.hold('coarse', 2);
    client.speak(0, { ...text, row: 0 });
    client.credit(0, 100_000);
    await held.reached;
    const drained = server.drain();
    held.release();
    await client.through(0);

    clock.advance(1_999);
    const next = await ProtocolClient.connect(url);
    expect(next.hello.drainsWithinMs).toBe(CONFIG.drainMs - 1_999);
    next.speak(0, { ...text, row: 1 });
    next.credit(0, 100_000);
    expect((await next.through(0)).at(-1)).toMatchObject({ type: 'done', samples: 24_000 });
    next.speak(1, { ...text, id: 'other', row: 1 });
    expect(await next.until('fault')).toMatchObject({ request: 1, code: 'draining' });

    clock.advance(1_999);
    client.speak(1, { ...text, row: 2 });
    client.credit(1, 100_000);
    expect((await client.through(1)).at(-1)).toMatchObject({ type: 'done', samples: 24_000 });
    clock.advance(2_000);
    await drained;
    expect(await next.closed).toMatchObject({ code: 1001 });
  });

  test('closes at once when nothing runs', async () => {
    const { server, url } = await start();
    const client = await ProtocolClient.connect(url);
    await server.drain();
    expect(await client.closed).toMatchObject({ code: 1001 });
  });

  test('ends what still runs when its time is over', async () => {
    const synthesizer = new SineSynthesizer();
    const held = synthesizer.hold('coarse', 2);
    const { server, url, clock } = await start({}, synthesizer);
    const client = await ProtocolClient.connect(url);
    client.speak(1);
    await held.reached;
    const drained = server.drain();
    await client.until('drain');
    clock.advance(CONFIG.drainMs);
    expect(await client.until('fault')).toMatchObject({ request: 1, code: 'draining' });
    await drained;
    await synthesizer.until(({ speaking }) => speaking === 0);
    expect(synthesizer.stepsAfterAbort).toBe(0);
  });
});
