/**
 * A whole batch, as the reference's `BarkModel.generate` returns it: semantic tokens with their end
 * and padding, coarse ids with offsets, fine codes and audio of every row. Draws are keyed by the
 * row; whether anything ties rows together is the caller's choice.
 */
import type { SpeechOptions } from '#shared/bark/options.ts';
import {
  fineCodes,
  waveform,
  type FineCodes,
  type TextTokens,
  type Waveform,
} from '#shared/bark/shapes.ts';
import type { Voice } from '#shared/bark/voice.ts';
import { decodeInChunks, joinFrames, sliceFrames } from '#shared/codec/decode-in-chunks.ts';
import type { GenerationConfig } from '../checkpoint/generation-config.ts';
import { coarseHistory, generateCoarse, NO_COARSE_HISTORY } from './coarse.ts';
import { bookSizes, joinWaveforms } from './codec.ts';
import { generateFine } from './fine.ts';
import type { BarkModels } from './models.ts';
import type { Randomness } from './randomness.ts';
import { generateSemantic } from './semantic.ts';
import { coarseLength, coarseRates } from './windows.ts';

/** Where a batch stands (reference: section 7.4). */
export interface BatchProgress {
  /** The stage that made a step. */
  readonly stage: 'semantic' | 'coarse' | 'fine' | 'codec';
  /** Which row of the batch, from 0. */
  readonly row: number;
  /** Of this stage and row so far: semantic tokens, coarse ids, fine frames or decoded frames. */
  readonly step: number;
}

export interface GenerateInput {
  readonly rows: readonly TextTokens[];
  /** One voice for all rows; null without. */
  readonly voice: Voice | null;
  readonly options: SpeechOptions;
  /**
   * Whether a row's result is that of the row alone: its own length from the coarse stage on. Otherwise, as in
   * the reference, every row runs to the length of the longest, and what the coarse stage goes on to say after
   * a shorter row's end is what its fine stage sees.
   */
  readonly rowIndependentFine: boolean;
  /** Cut each row's audio to its own length, as `return_output_lengths` does; rows of their own always are. */
  readonly cutToLength: boolean;
  readonly randomness: Randomness;
  /** Draws of row r are those of row firstRow + r. */
  readonly firstRow?: number;
  /** Told after every step. */
  readonly onProgress?: (progress: BatchProgress) => void;
}

export interface GeneratedRow {
  /** [N], the same N for all rows: tokens, then the end token to the end. */
  readonly semantic: Int32Array;
  /** Whether the model ended by itself rather than at the limit of steps. */
  readonly isComplete: boolean;
  /** [M] ids with offsets, interleaved; M is the row's own or that of the longest row. */
  readonly coarse: Int32Array;
  /** [8, M / 2] row by row. */
  readonly fine: FineCodes;
  /** Frames of the row itself: what comes after is not of this text. */
  readonly frames: number;
  readonly audio: Waveform;
}

interface Spoken {
  readonly tokens: readonly number[];
  readonly isComplete: boolean;
}

/**
 * Answers a row for every text; a row that ends at once has no codes and no audio. One stage after the
 * other runs over all rows, so that only the stage at work need be held.
 */
export async function generate(
  models: BarkModels,
  generation: GenerationConfig,
  input: GenerateInput,
  signal: AbortSignal,
): Promise<GeneratedRow[]> {
  const indices = [...input.rows.keys()];
  const spoken = await atOnce(indices, signal, (row, either) =>
    speakRow(models, generation, input, row, either),
  );
  const { eosTokenId } = generation.semantic;
  const steps = spoken.reduce((most, { tokens }) => Math.max(most, tokens.length), 0);
  const rows = spoken.map(({ tokens, isComplete }) => {
    const semantic = new Int32Array(steps).fill(eosTokenId);
    semantic.set(tokens);
    // counted as the reference counts: everything that is not the end token
    const said = semantic.filter((token) => token !== eosTokenId).length;
    return { semantic, isComplete, ownLength: coarseLength(said, coarseRates(generation)) };
  });
  const longest = Math.max(0, ...rows.map(({ ownLength }) => ownLength));
  const coarse = await atOnce(rows, signal, ({ semantic, ownLength }, either, row) => {
    const length = input.rowIndependentFine ? ownLength : longest;
    return coarseOfRow(models, generation, input, row, { semantic, length, signal: either });
  });
  // every window fills the machine by itself
  const fine: FineCodes[] = [];
  for (const [row, ids] of coarse.entries()) {
    fine.push(await fineOfRow(models, generation, input, row, { coarse: ids, signal }));
  }
  const results: GeneratedRow[] = [];
  for (const [row, { semantic, isComplete, ownLength }] of rows.entries()) {
    const codes = fine[row] ?? fineCodes(new Int32Array(0), generation.codebookSize);
    const frames = ownLength / generation.coarse.coarseCodebooks;
    const heard = input.cutToLength ? sliceFrames(codes, 0, frames, bookSizes(generation)) : codes;
    const audio = await audioOfRow(models, generation, input, row, { fine: heard, signal });
    results.push({
      semantic,
      isComplete,
      coarse: coarse[row] ?? new Int32Array(0),
      fine: codes,
      frames,
      audio,
    });
  }
  return results;
}

/** All items at the same time, so that a model may advance them in one run; the first fault stops the others. */
async function atOnce<Item, Result>(
  items: readonly Item[],
  signal: AbortSignal,
  work: (item: Item, signal: AbortSignal, index: number) => Promise<Result>,
): Promise<Result[]> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const running = items.map(async (item, index) => {
    try {
      return await work(item, either, index);
    } catch (error) {
      stop.abort(error);
      throw error;
    }
  });
  await Promise.allSettled(running);
  return await Promise.all(running);
}

async function speakRow(
  models: BarkModels,
  { semantic }: GenerationConfig,
  { rows, voice, options, randomness, firstRow = 0, onProgress }: GenerateInput,
  row: number,
  signal: AbortSignal,
): Promise<Spoken> {
  const text = rows[row];
  if (text === undefined) throw new RangeError(`There is no row ${row}.`);
  const stage = generateSemantic(
    models.semantic,
    semantic,
    {
      text,
      history: voice?.semanticPrompt ?? null,
      options: options.semantic ?? {},
      draw: randomness('semantic', firstRow + row),
    },
    signal,
  );
  const tokens: number[] = [];
  for (;;) {
    const next = await stage.next();
    if (next.done === true) {
      return {
        tokens: next.value ? [...tokens, semantic.eosTokenId] : tokens,
        isComplete: next.value,
      };
    }
    tokens.push(next.value);
    onProgress?.({ stage: 'semantic', row, step: tokens.length });
  }
}

async function coarseOfRow(
  models: BarkModels,
  generation: GenerationConfig,
  { voice, options, randomness, firstRow = 0, onProgress }: GenerateInput,
  row: number,
  {
    semantic,
    length,
    signal,
  }: {
    readonly semantic: Int32Array;
    readonly length: number;
    readonly signal: AbortSignal;
  },
): Promise<Int32Array> {
  const { eosTokenId } = generation.semantic;
  const { coarseSemanticPadToken } = generation.coarse;
  const windows = generateCoarse(
    models.coarse,
    generation,
    {
      semantic: semantic.map((token) => (token === eosTokenId ? coarseSemanticPadToken : token)),
      history:
        voice === null
          ? NO_COARSE_HISTORY
          : coarseHistory(generation, voice.semanticPrompt, voice.coarsePrompt),
      length,
      options: options.coarse ?? {},
      draw: randomness('coarse', firstRow + row),
    },
    signal,
  );
  const ids = new Int32Array(length);
  let step = 0;
  for await (const window of windows) {
    ids.set(window, step);
    step += window.length;
    onProgress?.({ stage: 'coarse', row, step });
  }
  return ids;
}

async function fineOfRow(
  models: BarkModels,
  generation: GenerationConfig,
  { voice, options, randomness, firstRow = 0, onProgress }: GenerateInput,
  row: number,
  { coarse, signal }: { readonly coarse: Int32Array; readonly signal: AbortSignal },
): Promise<FineCodes> {
  let whole = fineCodes(new Int32Array(0), generation.codebookSize);
  // without frames the reference goes on with a window of padding, and breaks in the codec
  if (coarse.length === 0) return whole;
  const pieces = generateFine(
    models.fine,
    generation,
    {
      coarse,
      history: voice?.finePrompt ?? null,
      options: options.fine ?? {},
      draw: randomness('fine', firstRow + row),
    },
    signal,
  );
  for await (const piece of pieces) {
    whole = joinFrames(whole, piece, bookSizes(generation));
    onProgress?.({ stage: 'fine', row, step: whole.length / generation.fine.fineCodebooks });
  }
  return whole;
}

async function audioOfRow(
  { codec }: BarkModels,
  generation: GenerationConfig,
  { onProgress }: GenerateInput,
  row: number,
  { fine, signal }: { readonly fine: FineCodes; readonly signal: AbortSignal },
): Promise<Waveform> {
  if (fine.length === 0) return waveform(new Float32Array(0));
  const chunks: Waveform[] = [];
  let step = 0;
  for await (const chunk of decodeInChunks(codec, only(fine), bookSizes(generation), signal)) {
    chunks.push(chunk);
    step += chunk.length / codec.hopSamples;
    onProgress?.({ stage: 'codec', row, step });
  }
  return joinWaveforms(chunks);
}

async function* only<Item>(item: Item): AsyncGenerator<Item, void, undefined> {
  yield item;
}
