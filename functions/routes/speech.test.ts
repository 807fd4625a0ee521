import { describe, expect, test } from 'vitest';
import { SAMPLE_RATE } from '#shared/bark/constants.ts';
import { SoftEnds } from '#shared/audio/soft-ends.ts';
import { streamedWavHead } from '#shared/audio/wav.ts';
import { makeEdge } from '../../tests/workers/edge.ts';
import { toneAt } from '../../tests/workers/fake-backend.ts';
import {
  FIXTURE_MODEL,
  FIXTURE_VOICE,
  fixtureFiles,
} from '../../tests/workers/fixture-checkpoint.ts';
import type { StagedFiles } from '../staged/staged-files.ts';
import { SENTENCE_PAUSE_MS } from '../speech/joiners.ts';

/** Name and size of the chunk that holds the samples. */
const DATA_HEADER_BYTES = 8;
const PAUSE_BYTES = (2 * SAMPLE_RATE * SENTENCE_PAUSE_MS) / 1_000;

/** What a sentence of the fake backend sounds like here: with soft ends. */
function tone(samples: number, row: number): Uint8Array {
  const ends = SoftEnds.ofPcm(SAMPLE_RATE);
  const pcm = ends.write(Int16Array.from({ length: samples }, (_, i) => toneAt(i, row)));
  return new Uint8Array(Int16Array.from([...pcm, ...ends.end()]).buffer);
}

function events(text: string): Record<string, unknown>[] {
  return text
    .trim()
    .split('\n\n')
    .map((block) => JSON.parse(block.replace(/^data: /, '')) as Record<string, unknown>);
}

describe('POST /v1/audio/speech', () => {
  test('speaks a text as WAV', async () => {
    const edge = makeEdge({ backend: { samples: 5_000 } });
    const response = await edge.speak({
      model: 'tts-1',
      input: 'Hello world.',
      voice: FIXTURE_VOICE,
      response_format: 'wav',
    });
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'audio/wav',
      'cache-control': 'no-store',
      'accept-ranges': 'none',
      'x-model': FIXTURE_MODEL,
      'x-voice': FIXTURE_VOICE,
      'x-seed': expect.stringMatching(/^\d+$/) as unknown,
      'x-request-id': expect.stringMatching(/^[\w-]{36}$/) as unknown,
      'server-timing': expect.stringContaining('accept;dur=') as unknown,
    });
    expect(response.headers.has('content-length')).toBe(false);
    const bytes = new Uint8Array(await response.arrayBuffer());
    expect(new TextDecoder().decode(bytes.subarray(0, 4))).toBe('RIFF');
    expect(bytes.subarray(streamedWavHead(SAMPLE_RATE).byteLength + DATA_HEADER_BYTES)).toEqual(
      tone(5_000, 0),
    );
  });

  test('speaks sentences one after the other, with a breath between them', async () => {
    const edge = makeEdge({ backend: { samples: 1_000 } });
    const response = await edge.speak({
      input: 'Hello world. The voice says hello to the world. The world is wide.',
      response_format: 'pcm',
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const rows = edge.backend.speaks.map(({ row }) => row);
    expect(rows.length).toBeGreaterThan(0);
    expect(rows).toEqual(rows.map((_, i) => i));
    expect(new Set(edge.backend.speaks.map(({ seed }) => seed)).size).toBe(1);
    expect(bytes.length).toBe(rows.length * 2_000 + (rows.length - 1) * PAUSE_BYTES);
    expect(bytes.subarray(-2_000)).toEqual(tone(1_000, rows.length - 1));
  });

  test('sends headers and the format before there is a sound', async () => {
    const edge = makeEdge({ backend: { isSilent: true } });
    const response = await edge.speak({ input: 'Hello.', response_format: 'wav' });
    const reader = response.body?.getReader();
    expect((await reader?.read())?.value).toEqual(streamedWavHead(SAMPLE_RATE));
    await reader?.cancel();
  });

  test('a voice travels once, and not at all when it is left out on purpose', async () => {
    const edge = makeEdge({ backend: { samples: 10 } });
    for (const voice of [undefined, { id: FIXTURE_VOICE }, 'announcer', null, 'none']) {
      const response = await edge.speak({ input: 'Hello.', voice });
      await response.arrayBuffer();
    }
    const [first, second, third, fourth, fifth] = edge.backend.speaks.map(({ voice }) => voice);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect([second, third]).toEqual([first, first]);
    expect([fourth, fifth]).toEqual([null, null]);
    expect(edge.backend.voicesReceived).toBe(1);
  });

  test('options reach the stages they are meant for', async () => {
    const edge = makeEdge({ backend: { samples: 10 } });
    const response = await edge.speak({
      input: 'Hello.',
      seed: 7,
      temperature: 0.9,
      coarse_temperature: null,
      top_k: 40,
      semantic_top_p: 0.8,
      do_sample: true,
      min_eos_p: 0.1,
      latency: 'fast',
    });
    await response.arrayBuffer();
    expect(response.headers.get('X-Seed')).toBe('7');
    expect(edge.backend.speaks[0]).toMatchObject({
      seed: 7,
      row: 0,
      latency: 'fast',
      options: {
        semantic: { doSample: true, temperature: 0.9, topK: 40, topP: 0.8, minEosP: 0.1 },
        coarse: { doSample: true, temperature: null, topK: 40 },
        fine: { temperature: 0.9 },
      },
    });
  });

  test('the same way of speaking has the same seed, another one another, and the words do not matter', async () => {
    const edge = makeEdge({ backend: { samples: 10 } });
    const seeds: (string | null)[] = [];
    for (const body of [
      { input: 'Hello.' },
      { voice: FIXTURE_VOICE, input: 'Hello.' },
      { input: 'Hello!' },
      { input: 'Hello.', voice: null },
      { input: 'Hello.', temperature: 0.5 },
    ]) {
      const response = await edge.speak(body);
      await response.arrayBuffer();
      seeds.push(response.headers.get('X-Seed'));
    }
    expect(seeds[0]).toBe(seeds[1]);
    expect(seeds[0]).toBe(seeds[2]);
    expect(new Set(seeds).size).toBe(3);
    for (const seed of seeds) expect(Number.isSafeInteger(Number(seed))).toBe(true);
  });

  test('instructions do what Bark can do, and say so; captions and limits see the text alone', async () => {
    const edge = makeEdge({ backend: { samples: 10 } });
    const instructions = 'Laugh, then be calm.';
    const response = await edge.speak({ input: 'Hello world.', instructions });
    expect(response.headers.get('X-Applied-Instructions')).toBe('cue=[laughs], temperature=0.5');
    expect(response.headers.get('X-Ignored-Fields')).toBeNull();
    await response.arrayBuffer();
    await (await edge.speak({ input: 'Hello world.' })).arrayBuffer();
    await (
      await edge.speak({ input: 'Hello world.', instructions, temperature: 0.6 })
    ).arrayBuffer();
    const [acted, plain, own] = edge.backend.speaks;
    expect(acted?.ids.length).toBeGreaterThan(plain?.ids.length ?? 0);
    expect(acted?.options.semantic?.temperature).toBe(0.5);
    expect(own?.options.semantic?.temperature).toBe(0.6);
  });

  test('instructions are ignored aloud', async () => {
    const edge = makeEdge({ backend: { samples: 10 } });
    const response = await edge.speak({ input: 'Hello.', instructions: 'Whisper.', speed: 1 });
    expect(response.headers.get('X-Ignored-Fields')).toBe('instructions');
    await response.arrayBuffer();
  });

  test('a control character is no reason to fail', async () => {
    const edge = makeEdge({ backend: { samples: 10 } });
    const response = await edge.speak({ input: 'Hel\u0000lo \u0007world.' });
    expect(response.status).toBe(200);
    await response.arrayBuffer();
  });
});

describe('server-sent events', () => {
  test('carry the same bytes, then usage and times', async () => {
    const edge = makeEdge({ backend: { samples: 5_000 } });
    const whole = await (await edge.speak({ input: 'Hello.' })).arrayBuffer();
    const response = await edge.speak({ input: 'Hello.', stream_format: 'sse' });
    expect(response.headers.get('Content-Type')).toBe('text/event-stream; charset=utf-8');
    const all = events(await response.text());
    const deltas = all.filter(({ type }) => type === 'speech.audio.delta');
    const audio = Buffer.concat(
      deltas.map((delta) => Buffer.from(String(delta['audio']), 'base64')),
    );
    expect(new Uint8Array(audio)).toEqual(new Uint8Array(whole));
    expect(all.at(-1)).toMatchObject({
      type: 'speech.audio.done',
      usage: { output_tokens: 10 },
      samples: 5_000,
      sentences: 1,
    });
  });

  test('tell of a failure after the first byte', async () => {
    const edge = makeEdge({
      backend: { samples: 9_000, fault: { row: 0, afterSamples: 4_800, code: 'backend_failed' } },
    });
    const response = await edge.speak({ input: 'Hello.', stream_format: 'sse' });
    const all = events(await response.text());
    expect(all.at(-1)).toMatchObject({ type: 'error', error: { code: 'backend_failed' } });
    expect(all.some(({ type }) => type === 'speech.audio.done')).toBe(false);
  });
});

describe('GET /v1/audio/speech', () => {
  test('takes the same fields as a query', async () => {
    const edge = makeEdge({ backend: { samples: 10 } });
    const response = await edge.app.request(
      '/v1/audio/speech?input=Hello%20world.&voice=announcer&response_format=pcm&seed=12&do_sample=false&fine_temperature=null&top_p=0.5',
    );
    expect(response.status).toBe(200);
    expect((await response.arrayBuffer()).byteLength).toBe(20);
    expect(edge.backend.speaks[0]).toMatchObject({
      seed: 12,
      options: {
        semantic: { doSample: false, topP: 0.5 },
        coarse: { doSample: false, topP: 0.5 },
        fine: { temperature: null },
      },
    });
  });

  test('reads a number as text where text is meant', async () => {
    const edge = makeEdge({ backend: { samples: 10 } });
    const response = await edge.app.request('/v1/audio/speech?input=1984');
    expect(response.status).toBe(200);
    await response.arrayBuffer();
  });

  test('HEAD says what GET would say, without a word', async () => {
    const edge = makeEdge();
    const response = await edge.app.request('/v1/audio/speech?input=Hello.', { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toBe('audio/mpeg');
    expect(response.headers.get('X-Voice')).toBe(FIXTURE_VOICE);
    expect(edge.backend.received).toEqual([]);
  });

  test('HEAD leaves out what is only known once it is spoken', async () => {
    const edge = makeEdge({ backend: { samples: 10 } });
    const namesOf = async (method: string): Promise<string[]> => {
      const path = '/v1/audio/speech?input=Hello.&instructions=Whisper.';
      const response = await edge.app.request(path, { method, headers: { Prefer: 'wait=20' } });
      await response.arrayBuffer();
      return [...response.headers.keys()];
    };
    const head = await namesOf('HEAD');
    expect((await namesOf('GET')).filter((name) => !head.includes(name)).toSorted()).toEqual([
      'preference-applied',
      'server-timing',
      'x-cache',
      'x-seed',
      'x-take-id',
    ]);
  });

  test('GET and HEAD write a name alike that no header could carry', async () => {
    const files: StagedFiles = {
      read: async (path) => {
        const bytes = await fixtureFiles.read(path);
        if (bytes === null || !path.endsWith('manifest.json')) return bytes;
        const text = new TextDecoder().decode(bytes).replaceAll('"announcer"', '"Zoë"');
        return Uint8Array.from(new TextEncoder().encode(text));
      },
    };
    const edge = makeEdge({ backend: { samples: 10 }, files });
    for (const method of ['GET', 'HEAD']) {
      const path = '/v1/audio/speech?input=Hello.&voice=Zo%C3%AB';
      const response = await edge.app.request(path, { method });
      expect(response.status).toBe(200);
      expect(response.headers.get('X-Voice')).toBe('Zo%C3%AB');
      await response.arrayBuffer();
    }
  });
});
