/** A sentence as it is heard from its room or from the bucket: what a sentence of a backend looks like to the edge. */
import { joinBytes } from '#shared/audio/join-bytes.ts';
import { samplesFromBytes } from '#shared/audio/pcm.ts';
import { samplesOfCodes, type CodesLayout } from '#shared/codec/codes-layout.ts';
import { SpeechFault } from '#shared/errors.ts';
import type { SpeechReport } from '#shared/protocol/messages.ts';
import { deferred } from '../backend/deferred.ts';
import type { Acceptance, SpokenSentence } from '../backend/synthesizer.ts';
import { readFrames } from './frames.ts';
import { parseRoomText } from './room-messages.ts';
import type { KeptSentence } from './sentence-store.ts';

export interface Listening {
  readonly acceptance: Acceptance;
  /** Ends once all was heard; returning early is leaving. */
  readonly pieces: AsyncGenerator<Int16Array, void, undefined>;
  readonly report: Promise<SpeechReport>;
}

/** Waits for the room to accept; throws its fault. */
export async function listenToRoom(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): Promise<Listening> {
  const frames = readFrames(stream, signal);
  const report = deferred<SpeechReport>();
  let first = await frames.next();
  // silences, while it waits
  while (first.done !== true && first.value.kind === 'audio') first = await frames.next();
  if (first.done === true || first.value.kind === 'audio') throw wordless();
  const begin = parseRoomText(first.value.text);
  if (begin.type !== 'accepted') throw wordless();
  return {
    acceptance: begin,
    pieces: soundOf(frames, report),
    report: report.promise,
  };
}

async function* soundOf(
  frames: ReturnType<typeof readFrames>,
  report: ReturnType<typeof deferred<SpeechReport>>,
): Listening['pieces'] {
  try {
    for await (const frame of frames) {
      if (frame.kind === 'audio') {
        if (frame.bytes.byteLength > 0) yield samplesFromBytes(frame.bytes);
        continue;
      }
      const message = parseRoomText(frame.text);
      if (message.type !== 'done') throw wordless();
      report.resolve(message.report);
      return;
    }
    throw wordless();
  } catch (error) {
    report.reject(error);
    throw error;
  } finally {
    report.reject(gone());
  }
}

/** Kept sentences cost nothing again: the report has their steps, and no time. */
export function listenToKept({ audio, report }: KeptSentence): Listening {
  return {
    acceptance: { origin: 'kept' },
    pieces: evenPieces(audio),
    report: Promise.resolve(withoutTimes(report)),
  };
}

async function* evenPieces(audio: ReadableStream<Uint8Array>): Listening['pieces'] {
  const reader = audio.getReader();
  let odd: Uint8Array = new Uint8Array(0);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const bytes = joinBytes([odd, value]);
      const even = bytes.byteLength - (bytes.byteLength % 2);
      odd = bytes.subarray(even);
      yield samplesFromBytes(bytes.subarray(0, even));
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function withoutTimes(report: SpeechReport): SpeechReport {
  return {
    ...report,
    queueMs: 0,
    firstAudioMs: 0,
    totalMs: 0,
    semantic: free(report.semantic),
    coarse: free(report.coarse),
    fine: free(report.fine),
    codec: free(report.codec),
  };
}

function free({ steps }: SpeechReport['fine']): SpeechReport['fine'] {
  return { ms: 0, steps };
}

function gone(): SpeechFault {
  return new SpeechFault('cancelled', 'The reader has gone.');
}

function wordless(): SpeechFault {
  return new SpeechFault('backend_failed', 'A sentence broke off on its way.');
}

/** Samples heard ahead of the reader: a second. The next sentence is asked for when no more is left of this one. */
const AHEAD_SAMPLES = 24_000;

/** Listening that may not have begun yet; hears a little ahead, so that the end is known before it is read. */
export class HeardSentence implements SpokenSentence {
  readonly accepted: Promise<Acceptance>;
  readonly #finished = deferred<SpeechReport>();
  readonly #pieces: Int16Array[] = [];
  readonly #leaving = new AbortController();
  readonly #codes: CodesLayout | null;
  #aheadSamples = 0;
  #hasEnded = false;
  #failure: { readonly error: unknown } | undefined;
  /** Whoever waits for the other side: the reader for pieces, the listening for room. */
  #waiting: (() => void)[] = [];

  /** `codes`: how the pieces tell codes; null for samples. */
  constructor(
    begin: (signal: AbortSignal) => Promise<Listening>,
    codes: CodesLayout | null = null,
  ) {
    this.#codes = codes;
    const listening = begin(this.#leaving.signal);
    this.accepted = listening.then(({ acceptance }) => acceptance);
    // its fault is told by read() as well
    this.accepted.catch(() => undefined);
    void this.#listen(listening);
  }

  get finished(): Promise<SpeechReport> {
    return this.#finished.promise;
  }

  async read(): Promise<Int16Array | null> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) {
        this.#aheadSamples -= this.#samplesOf(piece);
        this.#wake();
        return piece;
      }
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#hasEnded) return null;
      await this.#change();
    }
  }

  /** Whoever reads will read no more. Idempotent. */
  leave(): void {
    this.#leaving.abort();
    this.#wake();
  }

  async #listen(listening: Promise<Listening>): Promise<void> {
    try {
      const { pieces, report } = await listening;
      for await (const piece of pieces) {
        this.#leaving.signal.throwIfAborted();
        this.#pieces.push(piece);
        this.#aheadSamples += this.#samplesOf(piece);
        this.#wake();
        while (this.#aheadSamples >= AHEAD_SAMPLES && !this.#leaving.signal.aborted) {
          await this.#change();
        }
      }
      this.#finished.resolve(await report);
      this.#hasEnded = true;
    } catch (cause) {
      const error = this.#leaving.signal.aborted ? gone() : cause;
      this.#failure = { error };
      this.#finished.reject(error);
    }
    this.#wake();
  }

  /** How long a piece is heard. */
  #samplesOf(piece: Int16Array): number {
    return this.#codes === null ? piece.length : samplesOfCodes(piece, this.#codes);
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  async #change(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}
