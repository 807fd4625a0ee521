import { describe, expect, test } from 'vitest';
import OpenAI, { BadRequestError, InternalServerError, NotFoundError } from 'openai';
import { readWav } from '#shared/audio/wav-file.ts';
import { makeEdge } from '../../tests/workers/edge.ts';
import { FIXTURE_MODEL } from '../../tests/workers/fixture-checkpoint.ts';

describe("OpenAI's client", () => {
  test('speaks', async () => {
    const edge = makeEdge({ backend: { samples: 1_000 } });
    const speech = await client(edge).audio.speech.create({
      model: 'tts-1',
      voice: 'announcer',
      input: 'Hello.',
      response_format: 'wav',
    });
    expect(readWav(new Uint8Array(await speech.arrayBuffer())).samples).toHaveLength(1_000);
  });

  test.each([
    [undefined, 'audio/mpeg', 'ID3'],
    ['mp3', 'audio/mpeg', 'ID3'],
    ['opus', 'audio/ogg; codecs=opus', 'OggS'],
    ['aac', 'audio/aac', 'ID3'],
    ['flac', 'audio/flac', 'fLaC'],
    ['wav', 'audio/wav', 'RIFF'],
    ['pcm', 'audio/pcm;rate=24000;channels=1', ''],
  ] as const)('gets %s as %s', async (format, mediaType, magic) => {
    const edge = makeEdge({ backend: { samples: 4_000 } });
    const speech = await client(edge).audio.speech.create({
      model: 'tts-1',
      voice: 'announcer',
      input: 'Hello.',
      speed: 1.25,
      ...(format === undefined ? {} : { response_format: format }),
    });
    expect(speech.headers.get('Content-Type')).toBe(mediaType);
    const bytes = new Uint8Array(await speech.arrayBuffer());
    expect(bytes.byteLength).toBeGreaterThan(500);
    expect(new TextDecoder().decode(bytes.subarray(0, magic.length))).toBe(magic);
  });

  test('raises the errors it has names for, and does not try again in vain', async () => {
    const edge = makeEdge({
      backend: { hello: { model: 'bark-large', vocabulary: null } },
    });
    const speak = (input: string, voice: string): Promise<unknown> =>
      client(edge).audio.speech.create({ model: 'tts-1', voice, input });
    await expect(speak('', 'announcer')).rejects.toMatchObject({
      name: 'Error',
      status: 400,
      code: 'invalid_request',
      param: 'input',
    });
    await expect(speak('', 'announcer')).rejects.toBeInstanceOf(BadRequestError);
    await expect(speak('Hello.', 'nobody')).rejects.toBeInstanceOf(NotFoundError);
    const before = edge.log.length;
    await expect(speak('Hello.', 'announcer')).rejects.toBeInstanceOf(InternalServerError);
    expect(edge.log.length - before).toBe(1);
  });

  test('lists models', async () => {
    const models = await client(makeEdge()).models.list();
    expect(models.data.map(({ id }) => id)).toEqual([FIXTURE_MODEL]);
  });
});

function client(edge: ReturnType<typeof makeEdge>): OpenAI {
  return new OpenAI({
    apiKey: 'none',
    baseURL: 'http://localhost/v1',
    fetch: async (url, init) => edge.app.request(new Request(url, init)),
  });
}
