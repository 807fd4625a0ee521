/** ElevenLabs' own client, unchanged, speaks to the edge. */
import { ElevenLabsClient, ElevenLabsError } from '@elevenlabs/elevenlabs-js';
import { beforeEach, describe, expect, test } from 'vitest';
import { makeEdge, type Edge } from '../../tests/workers/edge.ts';
import { FIXTURE_VOICE } from '../../tests/workers/fixture-checkpoint.ts';

const OPENING = 'The voice says hello to the world, and the world says hello to the voice.';
const ENDING = 'The world is wide, and the voice is in the world and says so to the wide world.';

let edge: Edge;
let client: ElevenLabsClient;

beforeEach(() => {
  edge = makeEdge({ backend: { samples: 24_000 } });
  client = new ElevenLabsClient({
    apiKey: 'bk_any',
    baseUrl: 'http://localhost',
    maxRetries: 0,
    fetch: async (input, init) => edge.app.request(input instanceof URL ? input.href : input, init),
  });
});

async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

describe("ElevenLabs' client", () => {
  test('speaks and streams, in the format that it names', async () => {
    const spoken = await client.textToSpeech.convert(FIXTURE_VOICE, {
      text: OPENING,
      modelId: 'eleven_multilingual_v2',
      outputFormat: 'pcm_16000',
    });
    expect((await bytesOf(spoken)).byteLength).toBe(32_000);
    const streamed = await client.textToSpeech.stream(FIXTURE_VOICE, {
      text: OPENING,
      outputFormat: 'ulaw_8000',
    });
    expect((await bytesOf(streamed)).byteLength).toBe(8_000);
  });

  test('gets MP3 unless it asks for something else', async () => {
    const bytes = await bytesOf(
      await client.textToSpeech.convert(FIXTURE_VOICE, { text: OPENING }),
    );
    expect(new TextDecoder().decode(bytes.subarray(0, 3))).toBe('ID3');
  });

  test('is told what has no effect, and what it costs', async () => {
    const { rawResponse } = await client.textToSpeech
      .convert(FIXTURE_VOICE, {
        text: OPENING,
        previousText: 'Before.',
        usePvcAsIvc: true,
        applyLanguageTextNormalization: true,
        audioEffects: {},
        enableLogging: false,
        optimizeStreamingLatency: 3,
        voiceSettings: { stability: 0.5, similarityBoost: 0.8, speed: 1 },
      })
      .withRawResponse();
    expect(rawResponse.headers.get('X-Ignored-Fields')).toBe(
      'previous_text, use_pvc_as_ivc, apply_language_text_normalization, audio_effects, similarity_boost, enable_logging, optimize_streaming_latency',
    );
    expect(rawResponse.headers.get('character-cost')).toBe(String(OPENING.length));
    expect(edge.backend.speaks[0]?.options.semantic?.temperature).toBe(0.7);
  });

  test('hears when each sentence is spoken, in the text as it gave it', async () => {
    const text = `${OPENING}  ${ENDING}`;
    const { alignment, audioBase64 } = await client.textToSpeech.convertWithTimestamps(
      FIXTURE_VOICE,
      { text, outputFormat: 'pcm_24000' },
    );
    expect(Buffer.from(audioBase64, 'base64').byteLength).toBe(2 * (24_000 + 6_000 + 24_000));
    expect(alignment?.characters.join('')).toBe(`${OPENING}${ENDING}`);
    const starts = alignment?.characterStartTimesSeconds ?? [];
    expect([starts[0], starts[OPENING.length - 1], starts[OPENING.length]]).toEqual([0, 0, 1.25]);
    expect(alignment?.characterEndTimesSeconds.at(-1)).toBe(2.25);
  });

  test('hears it while it is spoken, too', async () => {
    const lines = await client.textToSpeech.streamWithTimestamps(FIXTURE_VOICE, {
      text: `${OPENING} ${ENDING}`,
      outputFormat: 'pcm_24000',
    });
    const spoken: string[] = [];
    let bytes = 0;
    for await (const line of lines) {
      bytes += Buffer.from(line.audioBase64, 'base64').byteLength;
      if (line.alignment) spoken.push(line.alignment.characters.join(''));
    }
    expect(bytes).toBe(108_000);
    expect(spoken).toEqual([OPENING, ENDING]);
  });

  test('lists, searches and describes voices', async () => {
    const { voices } = await client.voices.getAll();
    expect(voices.map(({ voiceId }) => voiceId)).toContain(FIXTURE_VOICE);
    const page = await client.voices.search({ search: FIXTURE_VOICE.slice(0, 4), pageSize: 1 });
    expect(page.voices).toHaveLength(1);
    expect((await client.voices.get(FIXTURE_VOICE)).voiceId).toBe(FIXTURE_VOICE);
  });

  test('raises errors that name what is wrong', async () => {
    const failing = async (voice: string, request: { text: string }) =>
      client.textToSpeech.convert(voice, request).then(
        () => null,
        (error: unknown) => (error instanceof ElevenLabsError ? error : null),
      );
    expect(await failing('nobody', { text: OPENING })).toMatchObject({
      statusCode: 404,
      body: { detail: { status: 'voice_not_found' } },
    });
    expect(await failing(FIXTURE_VOICE, { text: ' ' })).toMatchObject({
      statusCode: 400,
      body: { detail: { status: 'invalid_request', param: 'text' } },
    });
  });
});

describe("a request in ElevenLabs' words", () => {
  const ask = async (format: string, fields: object = {}): Promise<Response> =>
    edge.app.request(`/v1/text-to-speech/${FIXTURE_VOICE}?output_format=${format}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ text: OPENING, ...fields }),
    });

  test.each([
    ['gsm_8000', 'a codec (mp3, opus, pcm, wav, ulaw, alaw)'],
    ['constructor_8000', 'a codec (mp3, opus, pcm, wav, ulaw, alaw)'],
    ['mp3_44000_128', 'the sample rate of output_format must be one of 8000'],
    ['mp3_44100_0', 'output_format must have a bit rate of 8 to 320 kbit/s for mp3'],
    ['mp3_44100_1280', 'output_format must have a bit rate of 8 to 320 kbit/s for mp3'],
    ['opus_48000_0', 'output_format must have a bit rate of 6 to 510 kbit/s for opus'],
    ['opus_48000_511', 'output_format must have a bit rate of 6 to 510 kbit/s for opus'],
    ['pcm_24000_64', 'output_format has a bit rate, which pcm has not'],
  ])('for %s is refused, and says why', async (format, words) => {
    const response = await ask(format);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      detail: { param: 'output_format', message: expect.stringContaining(words) as unknown },
    });
    expect(edge.backend.received).toEqual([]);
  });

  test.each<[object, number, string]>([
    [{ text: 'a'.repeat(4_097) }, 413, 'text'],
    [{ text: '\u0000' }, 400, 'text'],
    [{ voice_settings: { speed: 9 } }, 400, 'voice_settings.speed'],
  ])('that is wrong is refused in these words, %#', async (fields, status, param) => {
    const response = await ask('pcm_24000', fields);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      detail: { param, message: expect.stringMatching(new RegExp(`^${param} `)) as unknown },
    });
  });
});
