/** Counts what is spoken while it passes: for the last event of a stream and for the log. */
import type { CodesPart } from '#shared/codec/codes-stream.ts';
import { SpeechFault } from '#shared/errors.ts';
import type { SpeechReport, StageName } from '#shared/protocol/messages.ts';
import type { Speech } from './begin-speech.ts';
import { codesJoiner } from './joiners.ts';

const STAGES: readonly StageName[] = ['semantic', 'coarse', 'fine', 'codec'];

export class SpeechTally {
  readonly #speech: Speech;
  #samples = 0;
  #encodeMs = 0;
  #isComplete = false;
  #failure: unknown;

  constructor(speech: Speech) {
    this.#speech = speech;
  }

  /** The speech's samples, counted; throws TypeError where it is codes. */
  pcm(): AsyncGenerator<Int16Array, void, undefined> {
    const { sound } = this.#speech;
    if (sound.kind !== 'samples') throw new TypeError('The speech has no samples.');
    return this.#counted(sound.pieces, ({ length }) => length);
  }

  /** The speech's codes, counted in samples; throws TypeError where it is samples. */
  codes(): AsyncGenerator<CodesPart, void, undefined> {
    const { sound } = this.#speech;
    if (sound.kind !== 'codes') throw new TypeError('The speech has no codes.');
    const joiner = codesJoiner(sound.layout);
    return this.#counted(sound.pieces, (part) => joiner.samplesOf(part));
  }

  async *#counted<Piece>(
    pieces: AsyncGenerator<Piece, void, undefined>,
    samplesOf: (piece: Piece) => number,
  ): AsyncGenerator<Piece, void, undefined> {
    for await (const piece of pieces) {
      this.#samples += samplesOf(piece);
      yield piece;
    }
  }

  /** The same bytes, of what was counted; why they break off and whether they end is the answer's `failure`. */
  async *watched(
    bytes: AsyncGenerator<Uint8Array, void, undefined>,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* bytes;
      this.#isComplete = true;
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  /** Counts milliseconds that encoding took. */
  encoded(ms: number): void {
    this.#encodeMs += ms;
  }

  /** Why what was watched is not complete; undefined once it is. */
  get failure(): unknown {
    if (this.#isComplete) return undefined;
    return this.#failure ?? new SpeechFault('cancelled', 'The reader has gone.');
  }

  /** Whether no sample has passed. */
  get isSilent(): boolean {
    return this.#samples === 0;
  }

  /** Counts and times, without a word of what was spoken. */
  get facts(): Readonly<Record<string, unknown>> {
    const { take, cache, seed, model, voice, sentences, inputTokens, timings } = this.#speech;
    const { reports, acceptances } = this.#speech;
    return {
      take,
      cache,
      model,
      voice,
      seed,
      sentences: sentences.length,
      origins: acceptances.map(({ origin }) => origin),
      samples: this.#samples,
      input_tokens: inputTokens,
      edge_ms: timings,
      queue_ms: reports.map(({ queueMs }) => tenths(queueMs)),
      first_audio_ms: reports.map(({ firstAudioMs }) => tenths(firstAudioMs)),
      total_ms: reports.map(({ totalMs }) => tenths(totalMs)),
      ...Object.fromEntries(STAGES.map((stage) => [`${stage}_ms`, sumMs(reports, stage)])),
      encode_ms: tenths(this.#encodeMs),
      ...Object.fromEntries(STAGES.map((stage) => [`${stage}_steps`, sumSteps(reports, stage)])),
    };
  }

  /** The body of `speech.audio.done`: tokens as OpenAI counts them, then ours. */
  get done(): Readonly<Record<string, unknown>> {
    const { inputTokens, reports } = this.#speech;
    const outputTokens = sumSteps(reports, 'semantic');
    return {
      usage: {
        input_tokens: inputTokens,
        output_tokens: outputTokens,
        total_tokens: inputTokens + outputTokens,
      },
      ...this.facts,
    };
  }
}

function sumMs(reports: readonly SpeechReport[], stage: StageName): number {
  return tenths(reports.reduce((sum, report) => sum + report[stage].ms, 0));
}

function sumSteps(reports: readonly SpeechReport[], stage: StageName): number {
  return reports.reduce((sum, report) => sum + report[stage].steps, 0);
}

/** Finer than that is noise to a reader. */
function tenths(ms: number): number {
  return Math.round(10 * ms) / 10;
}
