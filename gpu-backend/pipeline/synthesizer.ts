/**
 * What the server needs from a voice: the engine in production, something simple in a test.
 * The server knows no stage and no tensor; the engine knows no socket.
 */
import type { LatencyMode, SpeechOptions } from '#shared/bark/options.ts';
import type { FineCodes, TextTokens, Waveform } from '#shared/bark/shapes.ts';
import type { Voice } from '#shared/bark/voice.ts';
import type { CodesLayout } from '#shared/codec/codes-layout.ts';
import type { SpeechReport, StageName } from '#shared/protocol/messages.ts';

/** One sentence to speak. */
export interface SpeechRequest {
  readonly text: TextTokens;
  /** Null speaks without history. */
  readonly voice: Voice | null;
  readonly options: SpeechOptions;
  readonly latency: LatencyMode;
  /** Chooses the take, 0..2^53 - 1. */
  readonly seed: number;
  /** Which sentence of the text this is. */
  readonly row: number;
  /** `codes` leaves decoding to the listener; `samples` when left out. */
  readonly content?: 'samples' | 'codes';
}

export type SpeechEvent =
  | { readonly type: 'progress'; readonly stage: StageName; readonly step: number }
  /** The next samples; the receiver owns them. */
  | { readonly type: 'audio'; readonly samples: Waveform }
  /** The next codes, [books, frames] row by row, in the place of samples. */
  | { readonly type: 'codes'; readonly codes: FineCodes }
  | { readonly type: 'done'; readonly report: SpeechReport };

export interface SynthesizerInfo {
  readonly model: string;
  /** SHA-256 of all that decides its sound: weights, precision, device and runtime; null where that is not known. */
  readonly fingerprint: string | null;
  readonly vocabulary: string | null;
  readonly sampleRate: number;
  readonly maxSentenceTokens: number;
  /** Ids of a sentence are below this: the checkpoint has no embedding for others. */
  readonly textVocabularySize: number;
  /** Semantic tokens of a voice are below this. */
  readonly semanticVocabularySize: number;
  /** Codes of a voice are below this. */
  readonly codebookSize: number;
  readonly latencyModes: readonly LatencyMode[];
  /** How codes are told to listeners that decode; null where they can not be. */
  readonly codes: CodesLayout | null;
}

export interface Synthesizer {
  readonly info: SynthesizerInfo;
  /**
   * Speaks one sentence; ends with `done`. Nothing runs ahead of the reader by more than the sentence.
   * Once `signal` aborts, work stops within one step and the iteration throws `cancelled`.
   */
  speak(request: SpeechRequest, signal: AbortSignal): AsyncIterable<SpeechEvent>;
}
