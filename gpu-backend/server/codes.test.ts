/** Codes in the place of samples, and the file that decodes them. */
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { unpackFrames, type CodesLayout } from '#shared/codec/codes-layout.ts';
import { AUDIO_KIND } from '#shared/protocol/binary-message.ts';
import { DECODER_PATH } from '#shared/protocol/limits.ts';
import { FakeClock } from '../../tests/support/fake-clock.ts';
import { ProtocolClient, type Heard } from '../../tests/support/protocol-client.ts';
import { SineSynthesizer } from '../../tests/support/sine-synthesizer.ts';
import type { ReadDecoderFile } from './decoder-desk.ts';
import { createSpeechServer, type SpeechServer } from './server.ts';

const FILE = Uint8Array.from({ length: 5_000 }, (_, i) => i % 251);
const LAYOUT: CodesLayout = {
  decoder: createHash('sha256').update(FILE).digest('hex'),
  codebooks: 8,
  codeBits: 10,
  sampleRate: 24_000,
  hopSamples: 320,
  firstChunkFrames: 7,
};
const FRAMES = 75;
const PLENTY = 24_000 * 60;

const servers: SpeechServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(
  codes: CodesLayout | null = LAYOUT,
  decoderFile: ReadDecoderFile = async () => FILE,
  token: string | null = null,
) {
  const synthesizer = new SineSynthesizer({
    info: { codes },
    samples: FRAMES * 320,
    pieceSamples: 25 * 320,
  });
  const server = createSpeechServer({
    synthesizer,
    clock: new FakeClock(),
    config: { host: '127.0.0.1', port: 0, token, queueCapacity: 4, drainMs: 1_000 },
    log: () => undefined,
    decoderFile,
  });
  servers.push(server);
  const { url } = await server.listen();
  return { url, synthesizer };
}

async function until(client: ProtocolClient, type: Heard['type']): Promise<Heard[]> {
  const heard: Heard[] = [];
  for (;;) {
    const message = await client.next();
    heard.push(message);
    if (message.type === type) return heard;
  }
}

function codesOf(messages: readonly Heard[]): number[] {
  return messages.flatMap((message) =>
    message.type === 'audio' ? [...unpackFrames(message.payload, LAYOUT)] : [],
  );
}

/** As the synthesizer makes them, frame by frame. */
const SPOKEN = Array.from({ length: 8 * FRAMES }, (_, i) => i);

describe('a request for codes', () => {
  test('gets all frames as bits, counted in samples', async () => {
    const { url, synthesizer } = await start();
    const client = await ProtocolClient.connect(url);
    expect(client.hello.codes).toEqual({
      decoder: LAYOUT.decoder,
      codebooks: 8,
      codeBits: 10,
      hopSamples: 320,
      firstChunkFrames: 7,
    });
    client.speak(1, { codes: LAYOUT.decoder });
    client.credit(1, PLENTY);
    const heard = await until(client, 'done');
    const audio = heard.filter((message) => message.type === 'audio');
    expect(new Set(audio.map(({ kind }) => kind))).toEqual(new Set([AUDIO_KIND.codes]));
    expect(codesOf(heard)).toEqual(SPOKEN);
    expect(audio.reduce((sum, { payload }) => sum + payload.byteLength, 0)).toBe(10 * FRAMES);
    expect(audio.map(({ sampleOffset }) => sampleOffset % 320)).toEqual(audio.map(() => 0));
    expect(heard.at(-1)).toMatchObject({ samples: FRAMES * 320 });
    expect(synthesizer.requests[0]?.content).toBe('codes');
  });

  test('gets whole frames alone, within the credit it has given', async () => {
    const { url } = await start();
    const client = await ProtocolClient.connect(url);
    client.speak(1, { codes: LAYOUT.decoder });
    client.credit(1, 319);
    expect((await client.saidByNow()).filter(({ type }) => type === 'audio')).toEqual([]);
    client.credit(1, 1_000);
    const some = await until(client, 'audio');
    // 4 frames are 1280 samples, and 1319 were granted
    expect(codesOf(some)).toEqual(SPOKEN.slice(0, 32));
    client.credit(1, PLENTY);
    expect(codesOf([...some, ...(await until(client, 'done'))])).toEqual(SPOKEN);
  });

  test('is refused for another decoder, and by an engine whose codes can not be told', async () => {
    const { url } = await start();
    const client = await ProtocolClient.connect(url);
    client.speak(1, { codes: 'ab'.repeat(32) });
    expect(await client.next('fault')).toMatchObject({ request: 1, code: 'backend_mismatch' });
    const mute = await start(null);
    const other = await ProtocolClient.connect(mute.url);
    expect(other.hello.codes).toBeUndefined();
    other.speak(1, { codes: LAYOUT.decoder });
    expect(await other.next('fault')).toMatchObject({ request: 1, code: 'backend_mismatch' });
  });
});

describe('the decoder', () => {
  const path = `${DECODER_PATH}${LAYOUT.decoder}.onnx`;

  test('is a file under its hash that never changes, made once for all who ask at a time', async () => {
    let reads = 0;
    const made = Promise.withResolvers<Uint8Array>();
    const { url } = await start(LAYOUT, () => {
      reads += 1;
      return made.promise;
    });
    const asked = [fetch(url + path), fetch(url + path)];
    await expect.poll(() => reads).toBe(1);
    made.resolve(FILE);
    for (const response of await Promise.all(asked)) {
      expect(response.status).toBe(200);
      expect(response.headers.get('ETag')).toBe(`"${LAYOUT.decoder}"`);
      expect(response.headers.get('Cache-Control')).toContain('immutable');
      expect(await response.bytes()).toEqual(FILE);
    }
    expect(reads).toBe(1);
  });

  test('of another hash is not there', async () => {
    const { url } = await start();
    const response = await fetch(`${url}${DECODER_PATH}${'ab'.repeat(32)}.onnx`);
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('the header of a stream of codes names');
    expect((await fetch(url + path, { method: 'POST' })).status).toBe(405);
  });

  test('is not handed out where the files were changed, or without the secret', async () => {
    const changed = await start(LAYOUT, async () => FILE.slice(1));
    const response = await fetch(changed.url + path);
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('start the backend anew');
    const secret = await start(LAYOUT, async () => FILE, 'a secret of this test only');
    expect((await fetch(secret.url + path)).status).toBe(401);
  });

  test('that can not be made says so without its cause', async () => {
    const { url } = await start(LAYOUT, () => Promise.reject(new Error('a path of ours')));
    const response = await fetch(url + path);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('a path of ours');
  });
});
