/** What the edge needs of a voice: the GPU in production, a sine wave in tests. */
import type { LatencyMode } from '#shared/bark/options.ts';
import type { CodesLayout } from '#shared/codec/codes-layout.ts';
import type { HelloMessage, SpeakMessage, SpeechReport } from '#shared/protocol/messages.ts';

export interface Synthesizer {
  /** Opens a session of its own for one HTTP request; whoever gets it closes it. `signal` ends it at any time. */
  connect(signal: AbortSignal, asker?: Asker): Promise<SpeechSession>;
}

/** For whom a session speaks. */
export interface Asker {
  /** Names the request in the logs and records of both halves; letters, digits, `_`, `-`, `=`. */
  readonly requestId: string;
  /** Callers take turns; a stable name of the same letters, null where callers are not told apart. */
  readonly caller: string | null;
  /** How long the listener waits for the first sound; null lets the backend choose. */
  readonly patienceMs: number | null;
}

/** What a backend says of itself. */
export type BackendInfo = Omit<HelloMessage, 'type' | 'protocol'>;

export interface SpeechSession {
  readonly info: BackendInfo;
  /** Asks for one sentence; never throws, its faults come out of the sentence. */
  speak(sentence: Sentence): SpokenSentence;
  /** Stops what still runs. Idempotent. */
  close(): void;
}

/** One sentence to speak, in tokens. */
export interface Sentence {
  /** Names its sound, as `sentenceKey` does. */
  readonly key: string;
  /** BERT ids before Bark's offset, [tokens]. */
  readonly ids: Int32Array;
  /** Null speaks without history. */
  readonly voice: CanonicalVoice | null;
  readonly options: SpeakMessage['options'];
  readonly latency: LatencyMode;
  /** Chooses the take, 0..2^53 - 1. */
  readonly seed: number;
  /** Which sentence of the text this is, from 0. */
  readonly row: number;
  /** How its codes are told, where codes are wanted and not samples; null for samples. */
  readonly codes: CodesLayout | null;
}

/** A voice as it travels: canonical bytes and the hash that names them. */
export interface CanonicalVoice {
  readonly hash: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Kept from before, being spoken for another already, or spoken for this request. */
export type Origin = 'kept' | 'joined' | 'spoken';

/** What is known of a sentence once it is accepted. */
export interface Acceptance {
  readonly origin: Origin;
  /** Of a joined one: the request that it is spoken for, if that is of the same caller. */
  readonly leader?: string | undefined;
  /** Of a spoken one: its place in the backend's queue, 0 for one that sounds at once; undefined where none is told. */
  readonly position?: number | undefined;
}

/** A sentence on its way. After a fault all three promises reject with it. */
export interface SpokenSentence {
  /** Resolves once it is certain to be spoken. */
  readonly accepted: Promise<Acceptance>;
  /** Resolves with the report once all its audio is here; reading may lag behind. */
  readonly finished: Promise<SpeechReport>;
  /**
   * The next samples, or codes [frames, codebooks] row by row where these are wanted; null after the last. Reading is what
   * lets more be sent.
   */
  read(): Promise<Int16Array | null>;
}
