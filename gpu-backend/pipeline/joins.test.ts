/** Where pieces of a sentence are joined, in every latency mode, on the checkpoint that speaks. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LatencyMode } from '#shared/bark/options.ts';
import { fineCodes, textTokens, type FineCodes } from '#shared/bark/shapes.ts';
import { readVoiceNpys } from '#shared/bark/voice-file.ts';
import type { Voice } from '#shared/bark/voice.ts';
import { joinFrames } from '#shared/codec/decode-in-chunks.ts';
import { WordPiece } from '#shared/text/word-piece.ts';
import { abruptness, abruptnessAt } from '../../tests/support/sound-joins.ts';
import { openCheckpoint, type Checkpoint } from '../checkpoint/checkpoint.ts';
import { openBarkModels, type LoadedModels } from '../models/bark-models.ts';
import { bookSizes, joinWaveforms } from './codec.ts';
import type { BarkModels } from './models.ts';
import { philoxRandomness } from './randomness.ts';
import { synthesize } from './synthesize.ts';

const NANO = fileURLToPath(new URL('../../models/bark-nano', import.meta.url));
const VOICE = 'en_speaker_0';
const SENTENCE = 'Your order will arrive on Tuesday before noon.';
/** About four seconds, so that every mode has several joins. */
const TOKENS = 200;

let checkpoint: Checkpoint;
let models: LoadedModels;
let voice: Voice;
let tokenizer: WordPiece;

beforeAll(async () => {
  checkpoint = await openCheckpoint(NANO);
  models = await openBarkModels(checkpoint, { threads: 1, attention: 'fused' });
  await checkpoint.tensors.close();
  tokenizer = WordPiece.fromVocabulary(await readFile(join(NANO, 'vocab.txt'), 'utf8'));
  const read = (key: string): Promise<Uint8Array> =>
    readFile(join(NANO, 'speaker_embeddings', `${VOICE}_${key}.npy`));
  voice = readVoiceNpys({
    semantic_prompt: await read('semantic_prompt'),
    coarse_prompt: await read('coarse_prompt'),
    fine_prompt: await read('fine_prompt'),
  });
});
afterAll(() => models?.release());

interface Take {
  readonly audio: Float32Array;
  /** First samples of chunks of sound and of blocks of codes, the beginning left out. */
  readonly joins: readonly number[];
  /** [8, frames] row by row. */
  readonly codes: FineCodes;
}

/** Speaks the sentence, and notes where pieces of codes and of sound begin. */
async function take(latency: LatencyMode): Promise<Take> {
  const joins = new Set<number>();
  let decodedFrames = 0;
  let decoded = fineCodes(new Int32Array(0), checkpoint.generation.codebookSize);
  const listening: BarkModels = {
    ...models,
    codec: {
      ...models.codec,
      open: () => {
        const stream = models.codec.open();
        return {
          decode: (codes: FineCodes, signal: AbortSignal) => {
            joins.add(models.codec.hopSamples * decodedFrames);
            decoded = joinFrames(decoded, codes, bookSizes(checkpoint.generation));
            decodedFrames += codes.length / checkpoint.generation.fine.fineCodebooks;
            return stream.decode(codes, signal);
          },
          close: () => stream.close(),
        };
      },
    },
  };
  const events = synthesize(
    {
      models: listening,
      generation: checkpoint.generation,
      randomness: philoxRandomness,
      now: () => 0,
    },
    {
      text: textTokens(tokenizer.encode(SENTENCE)),
      voice,
      options: { semantic: { minNewTokens: TOKENS, maxNewTokens: TOKENS } },
      latency,
      seed: 7,
      row: 0,
    },
    new AbortController().signal,
  );
  const pieces = [];
  let at = 0;
  for await (const event of events) {
    if (event.type !== 'audio') continue;
    joins.add(at);
    at += event.samples.length;
    pieces.push(event.samples);
  }
  joins.delete(0);
  return { audio: joinWaveforms(pieces), joins: [...joins], codes: decoded };
}

let takes: Readonly<Record<LatencyMode, Take>>;
beforeAll(async () => {
  takes = {
    exact: await take('exact'),
    balanced: await take('balanced'),
    fast: await take('fast'),
  };
});

describe('joins', () => {
  test.each(['exact', 'balanced', 'fast'] as const)(
    'of %s are no more abrupt than the offline sound is somewhere',
    (latency) => {
      const { audio, joins } = takes[latency];
      expect(joins.length).toBeGreaterThanOrEqual(4);
      const limit = abruptness(takes.exact.audio);
      const found = abruptnessAt(audio, joins);
      expect(found.jump).toBeLessThanOrEqual(limit.jump);
      expect(found.flux).toBeLessThanOrEqual(limit.flux);
    },
  );

  test('that click would be noticed', () => {
    const { audio, joins } = takes.exact;
    const limit = abruptness(audio);
    const [at = 0] = joins.slice(2);
    const clicking = audio.slice();
    for (let i = at; i < at + 240; i += 1) clicking[i] = (clicking[i] ?? 0) + 0.8;
    const found = abruptnessAt(clicking, joins);
    expect(found.jump).toBeGreaterThan(limit.jump);
    expect(found.flux).toBeGreaterThan(limit.flux);
  });
});

describe('balanced', () => {
  /** Codebooks from..until - 1. */
  const books = ({ codes }: Take, from: number, until: number): Int32Array => {
    const frames = codes.length / checkpoint.generation.fine.fineCodebooks;
    return codes.slice(from * frames, until * frames);
  };

  test('has the coarse codes of exact, and other fine ones in places alone', () => {
    const { exact, balanced } = takes;
    expect(books(balanced, 0, 2)).toEqual(books(exact, 0, 2));
    const [other, same] = [books(balanced, 2, 8), books(exact, 2, 8)];
    const equal = other.filter((code, i) => code === same[i]).length;
    expect(equal).toBeLessThan(other.length);
    expect(equal / other.length).toBeGreaterThan(0.4);
  });
});
