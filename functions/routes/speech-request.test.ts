import { describe, expect, test } from 'vitest';
import { makeEdge } from '../../tests/workers/edge.ts';
import { FIXTURE_MODEL } from '../../tests/workers/fixture-checkpoint.ts';
import { MAX_BODY_BYTES } from '../guards/read-body.ts';

interface ErrorAnswer {
  error: { message: string; type: string; param: string | null; code: string };
}

async function errorOf(response: Response): Promise<ErrorAnswer['error']> {
  return ((await response.json()) as ErrorAnswer).error;
}

describe('a request that can not be served is refused with the field at fault', () => {
  test.each<[Record<string, unknown>, number, string, string | null, string]>([
    [{}, 400, 'invalid_request', 'input', 'input must be a string'],
    [{ input: 7 }, 400, 'invalid_request', 'input', 'input must be a string'],
    [{ input: '' }, 400, 'invalid_request', 'input', 'something to speak'],
    [{ input: ' \n\t ' }, 400, 'invalid_request', 'input', 'something to speak'],
    [{ input: '\u0000' }, 400, 'invalid_request', 'input', 'can be spoken'],
    [{ input: 'a'.repeat(4_097) }, 413, 'text_too_long', 'input', '4097'],
    [{ input: 'Hi.', model: 3 }, 400, 'invalid_request', 'model', 'must be a string'],
    [{ input: 'Hi.', model: 'whisper-1' }, 404, 'model_not_found', 'model', FIXTURE_MODEL],
    [{ input: 'Hi.', voice: 'nobody' }, 404, 'voice_not_found', 'voice', '/v1/voices'],
    [{ input: 'Hi.', voice: '../../etc/passwd' }, 404, 'voice_not_found', 'voice', '/v1/voices'],
    [{ input: 'Hi.', voice: '__proto__' }, 404, 'voice_not_found', 'voice', '/v1/voices'],
    [{ input: 'Hi.', voice: 5 }, 400, 'invalid_request', 'voice', 'a string or an object'],
    [{ input: 'Hi.', voice: {} }, 400, 'invalid_request', 'voice', 'with an id'],
    [
      { input: 'Hi.', response_format: 'mp4' },
      400,
      'invalid_request',
      'response_format',
      'mp3, opus, aac, flac, wav, pcm, mulaw, alaw, codes',
    ],
    [
      { input: 'Hi.', response_format: 'valueOf' },
      400,
      'invalid_request',
      'response_format',
      'wav',
    ],
    [{ input: 'Hi.', speed: 0.2 }, 400, 'invalid_request', 'speed', '0.25..4'],
    [{ input: 'Hi.', speed: 4.1 }, 400, 'invalid_request', 'speed', '0.25..4'],
    [{ input: 'Hi.', sample_rate: 7_999 }, 400, 'invalid_request', 'sample_rate', '8000..48000'],
    [{ input: 'Hi.', sample_rate: 16_000.5 }, 400, 'invalid_request', 'sample_rate', 'an integer'],
    [
      { input: 'Hi.', sample_rate: 8_001 },
      400,
      'invalid_request',
      'sample_rate',
      '44100, 48000 for mp3',
    ],
    [
      { input: 'Hi.', encoding: 'gsm' },
      400,
      'invalid_request',
      'encoding',
      'linear16, mulaw, alaw',
    ],
    [
      { input: 'Hi.', encoding: 'mulaw' },
      400,
      'invalid_request',
      'encoding',
      'response_format wav',
    ],
    [
      { input: 'Hi.', response_format: 'codes', speed: 2 },
      400,
      'invalid_request',
      'speed',
      'played',
    ],
    [
      { input: 'Hi.', response_format: 'codes', sample_rate: 48_000 },
      400,
      'invalid_request',
      'sample_rate',
      '24000 for codes',
    ],
    [{ input: 'Hi.', speed: 'fast' }, 400, 'invalid_request', 'speed', 'a number'],
    [
      { input: 'Hi.', stream_format: 'ws' },
      400,
      'invalid_request',
      'stream_format',
      'audio or sse',
    ],
    [{ input: 'Hi.', instructions: 1 }, 400, 'invalid_request', 'instructions', 'a string'],
    [{ input: 'Hi.', seed: -1 }, 400, 'invalid_request', 'seed', '9007199254740991'],
    [{ input: 'Hi.', seed: 1.5 }, 400, 'invalid_request', 'seed', 'an integer'],
    [{ input: 'Hi.', seed: 2 ** 53 }, 400, 'invalid_request', 'seed', 'an integer'],
    [{ input: 'Hi.', temperature: 0 }, 400, 'invalid_request', 'temperature', 'above 0'],
    [
      { input: 'Hi.', fine_temperature: '1' },
      400,
      'invalid_request',
      'fine_temperature',
      'a number',
    ],
    [{ input: 'Hi.', top_k: 0 }, 400, 'invalid_request', 'top_k', 'at least 1'],
    [{ input: 'Hi.', top_p: 2 }, 400, 'invalid_request', 'top_p', 'at most 1'],
    [{ input: 'Hi.', min_eos_p: 1 }, 400, 'invalid_request', 'min_eos_p', 'below 1'],
    [{ input: 'Hi.', do_sample: 1 }, 400, 'invalid_request', 'do_sample', 'true or false'],
    [
      { input: 'Hi.', latency: 'now' },
      400,
      'invalid_request',
      'latency',
      'exact, balanced or fast',
    ],
  ])('%j', async (body, status, code, param, words) => {
    const edge = makeEdge();
    const response = await edge.speak(body);
    expect(response.status).toBe(status);
    const error = await errorOf(response);
    expect(error).toMatchObject({ type: 'invalid_request_error', code, param });
    expect(error.message).toContain(words);
    expect(response.headers.get('X-Should-Retry')).toBe('false');
    expect(edge.backend.speaks).toEqual([]);
  });

  test('4 096 characters are not too many, whatever their plane', async () => {
    const edge = makeEdge({ backend: { samples: 1 } });
    const response = await edge.speak({ input: '𠀀'.repeat(4_096) });
    expect(response.status).toBe(200);
    await response.body?.cancel();
  });

  test('a latency that the backend has not is refused with those it has', async () => {
    const edge = makeEdge({
      backend: { hello: { model: FIXTURE_MODEL, vocabulary: null, latencyModes: ['balanced'] } },
    });
    const error = await errorOf(await edge.speak({ input: 'Hi.', latency: 'fast' }));
    expect(error).toMatchObject({ code: 'invalid_request', param: 'latency' });
    expect(error.message).toContain('balanced');
    const response = await edge.speak({ input: 'Hi.' });
    expect(edge.backend.speaks[0]?.latency).toBe('balanced');
    await response.body?.cancel();
  });

  test('unknown fields are passed over', async () => {
    const edge = makeEdge({ backend: { samples: 1 } });
    const response = await edge.speak({ input: 'Hi.', mood: 'sunny', ['__proto__x']: 1 });
    expect(response.status).toBe(200);
    await response.arrayBuffer();
  });

  test.each([
    ['no JSON', '{"input": ', 400, 'invalid_request'],
    ['an array', '[]', 400, 'invalid_request'],
    ['null', 'null', 400, 'invalid_request'],
    ['nothing', '', 400, 'invalid_request'],
    ['broken UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d), 400, 'invalid_request'],
    ['too much', ' '.repeat(MAX_BODY_BYTES + 1), 413, 'body_too_large'],
  ])('a body of %s', async (_, body, status, code) => {
    const response = await makeEdge().speak({}, { body });
    expect(response.status).toBe(status);
    expect((await errorOf(response)).code).toBe(code);
  });

  test('a body that is longer than it says', async () => {
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(16_384).fill(32)),
    });
    const response = await makeEdge().speak({}, { body, duplex: 'half' } as RequestInit);
    expect(response.status).toBe(413);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', ''])(
    'a body of type "%s"',
    async (type) => {
      const response = await makeEdge().speak({}, { headers: { 'Content-Type': type } });
      expect(response.status).toBe(415);
      expect((await errorOf(response)).code).toBe('unsupported_media_type');
    },
  );
});
