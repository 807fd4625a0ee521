/**
 * A whole batch at once, as the reference's `BarkModel.generate` returns it: semantic tokens with
 * their end and padding, coarse ids with offsets, fine codes and audio of every row. Rows are
 * computed one by one; only lengths tie them together.
 */
import type { SpeechOptions } from '#shared/bark/options.ts';
import type { FineCodes, TextTokens, Waveform } from '#shared/bark/shapes.ts';
import type { Voice } from '#shared/bark/voice.ts';
import type { GenerationConfig } from '../checkpoint/generation-config.ts';
import {
  coarseCodesOf,
  coarseHistory,
  coarseRates,
  generateCoarse,
  NO_COARSE_HISTORY,
} from './coarse.ts';
import { decodeInChunks, joinFrames, joinWaveforms, sliceFrames } from './codec.ts';
import { generateFine } from './fine.ts';
import type { BarkModels } from './models.ts';
import type { Randomness } from './randomness.ts';
import { generateSemantic } from './semantic.ts';
import { coarseLength } from './windows.ts';

export interface GenerateInput {
  readonly rows: readonly TextTokens[];
  /** One voice for all rows; null without. */
  readonly voice: Voice | null;
  readonly options: SpeechOptions;
  /** Cut each row's audio to its own length, as `return_output_lengths` does; else all have the longest's. */
  readonly cutToLength: boolean;
  readonly randomness: Randomness;
}

export interface GeneratedRow {
  /** [N], the same N for all rows: tokens, then the end token to the end. */
  readonly semantic: Int32Array;
  /** [M] ids with offsets, interleaved; M is that of the longest row. */
  readonly coarse: Int32Array;
  /** [8, M / 2] row by row. */
  readonly fine: FineCodes;
  readonly audio: Waveform;
}

export async function generate(
  models: BarkModels,
  generation: GenerationConfig,
  { rows, voice, options, cutToLength, randomness }: GenerateInput,
  signal: AbortSignal,
): Promise<GeneratedRow[]> {
  const spoken: number[][] = [];
  for (const [row, text] of rows.entries()) {
    const tokens = generateSemantic(
      models.semantic,
      generation.semantic,
      {
        text,
        history: voice?.semanticPrompt ?? null,
        options: options.semantic ?? {},
        draw: randomness('semantic', row),
      },
      signal,
    );
    spoken.push(await collectWithEnd(tokens, generation.semantic.eosTokenId));
  }
  const steps = Math.max(...spoken.map((tokens) => tokens.length));

  const { eosTokenId } = generation.semantic;
  const semantic = spoken.map((tokens) => padded(tokens, steps, eosTokenId));
  // counted as the reference counts: everything that is not the end token
  const lengths = semantic.map((tokens) =>
    coarseLength(tokens.filter((token) => token !== eosTokenId).length, coarseRates(generation)),
  );
  const longest = Math.max(...lengths);

  const results: GeneratedRow[] = [];
  for (const [row, tokens] of semantic.entries()) {
    const windows = generateCoarse(
      models.coarse,
      generation,
      {
        semantic: tokens.map((token) =>
          token === eosTokenId ? generation.coarse.coarseSemanticPadToken : token,
        ),
        history:
          voice === null
            ? NO_COARSE_HISTORY
            : coarseHistory(generation, voice.semanticPrompt, voice.coarsePrompt),
        length: longest,
        options: options.coarse ?? {},
        draw: randomness('coarse', row),
      },
      signal,
    );
    const coarse = Int32Array.from(
      (await Array.fromAsync(windows)).flatMap((window) => Array.from(window)),
    );
    const pieces = await Array.fromAsync(
      generateFine(
        models.fine,
        generation,
        {
          coarse: coarseCodesOf(coarse, generation),
          history: voice?.finePrompt ?? null,
          options: options.fine ?? {},
          draw: randomness('fine', row),
        },
        signal,
      ),
    );
    const books = generation.fine.fineCodebooks;
    const fine = pieces.reduce((whole, piece) => joinFrames(whole, piece, generation));
    const frames = cutToLength
      ? (lengths[row] ?? 0) / generation.coarse.coarseCodebooks
      : fine.length / books;
    const chunks = decodeInChunks(
      models.codec,
      only(sliceFrames(fine, 0, frames, generation)),
      generation,
      signal,
    );
    results.push({
      semantic: tokens,
      coarse,
      fine,
      audio: joinWaveforms(await Array.fromAsync(chunks)),
    });
  }
  return results;
}

async function collectWithEnd(
  tokens: AsyncGenerator<number, boolean, undefined>,
  end: number,
): Promise<number[]> {
  const collected: number[] = [];
  for (;;) {
    const next = await tokens.next();
    if (next.done !== true) collected.push(next.value);
    else return next.value ? [...collected, end] : collected;
  }
}

function padded(tokens: readonly number[], length: number, pad: number): Int32Array {
  const row = new Int32Array(length).fill(pad);
  row.set(tokens);
  return row;
}

async function* only<Item>(item: Item): AsyncGenerator<Item, void, undefined> {
  yield item;
}
