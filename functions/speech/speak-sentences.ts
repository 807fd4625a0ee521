/**
 * The sentences of one text in turn, with a breath between them. The next sentence is asked for once
 * all audio of the running one is here, which is before the reader has read it: at most two
 * sentences are open, each within its own credit.
 */
import { SpeechFault } from '#shared/errors.ts';
import type { SpeechReport } from '#shared/protocol/messages.ts';
import type { Acceptance, SpokenSentence } from '../backend/synthesizer.ts';
import type { Joiner } from './joiners.ts';

/** A later sentence waits so long for a busy backend: the answer has begun and can not be taken back. */
export const BUSY_PATIENCE_MS = 60_000;
const BUSY_RETRY_MS = 1_000;

interface SpeakSentencesOptions<Piece> {
  readonly joiner: Joiner<Piece>;
  /** Asks for a sentence by its row. */
  readonly speak: (row: number) => SpokenSentence;
  /** One for each sentence: told when it is heard. */
  readonly spans: readonly { fromSample?: number; toSample?: number }[];
  /** The first of them, asked for already. */
  readonly first: SpokenSentence;
  readonly signal: AbortSignal;
  /** Told of each sentence as it ends. */
  readonly onReport: (report: SpeechReport, acceptance: Acceptance) => void;
}

export async function* speakSentences<Piece>(
  options: SpeakSentencesOptions<Piece>,
): AsyncGenerator<Piece, void, undefined> {
  const { joiner, speak, spans, first, signal, onReport } = options;
  let current: Promise<SpokenSentence> = Promise.resolve(first);
  let heard = 0;
  for (const [row, span] of spans.entries()) {
    const spoken = await current;
    const next = row + 1;
    if (next < spans.length) {
      current = speakAfter(spoken, () => speak(next), signal);
      // read() tells of the same fault, in its place in the audio
      current.catch(() => undefined);
    }
    if (row > 0) {
      const pause = joiner.pause();
      heard += joiner.samplesOf(pause);
      yield pause;
    }
    span.fromSample = heard;
    const sentence = joiner.sentence();
    for (let piece = await spoken.read(); piece !== null; piece = await spoken.read()) {
      for (const joined of sentence.write(piece)) {
        heard += joiner.samplesOf(joined);
        yield joined;
      }
    }
    const last = sentence.end();
    span.toSample = last.reduce((end, joined) => end + joiner.samplesOf(joined), heard);
    heard = span.toSample;
    yield* last;
    onReport(await spoken.finished, await spoken.accepted);
  }
}

async function speakAfter(
  running: SpokenSentence,
  speak: () => SpokenSentence,
  signal: AbortSignal,
): Promise<SpokenSentence> {
  await running.finished;
  return speakPatiently(speak, signal);
}

async function speakPatiently(
  speak: () => SpokenSentence,
  signal: AbortSignal,
): Promise<SpokenSentence> {
  for (let waitedMs = 0; ;) {
    const spoken = speak();
    try {
      await spoken.accepted;
      return spoken;
    } catch (error) {
      const fault = SpeechFault.from(error);
      const pauseMs = fault.retryAfterMs ?? BUSY_RETRY_MS;
      if (fault.code !== 'busy' || waitedMs + pauseMs > BUSY_PATIENCE_MS) throw fault;
      await wait(pauseMs, signal);
      waitedMs += pauseMs;
    }
  }
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(new SpeechFault('cancelled', 'The request was cancelled.'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
