/** The work of a room: one sentence, spoken once for all who ask while it is made, then kept. */
import { bytesFromSamples } from '#shared/audio/pcm.ts';
import { SpeechFault } from '#shared/errors.ts';
import type { Origin, SpeechSession, SpokenSentence, Synthesizer } from '../backend/synthesizer.ts';
import { withSilences } from '../delivery/silences.ts';
import { encodeFrame } from './frames.ts';
import { Recording } from './recording.ts';
import { acceptedText, doneText, faultText, type RoomOrder } from './room-messages.ts';
import type { SentenceStore } from './sentence-store.ts';

interface RoomOptions {
  readonly synthesizer: Synthesizer;
  readonly store: SentenceStore;
  /** Keeps writing to the store running after the last answer. */
  readonly keepAlive: (work: Promise<unknown>) => void;
}

/** A frame without a sample. */
const SILENCE = encodeFrame({ kind: 'audio', bytes: new Uint8Array(0) });

/** A sentence being spoken. */
interface Performance {
  readonly session: SpeechSession;
  readonly source: SpokenSentence;
  readonly recording: Recording;
}

/** A performance, those who listen to it, and what stops it when the last of them has left. */
interface Running {
  readonly performance: Promise<Performance>;
  readonly stop: AbortController;
  listeners: number;
  isKept: boolean;
}

export class Room {
  readonly #options: RoomOptions;
  #running: Running | undefined;

  constructor(options: RoomOptions) {
    this.#options = options;
  }

  /** Frames: how it begins, its audio, how it ended. Cancelling is leaving. */
  speak(order: RoomOrder): ReadableStream<Uint8Array> {
    const origin = originOf(this.#running);
    const running = (this.#running ??= this.#begin(order));
    running.listeners += 1;
    // who has gone is noticed by writing alone, here as on any line
    const frames = withSilences(this.#frames(order, running, origin));
    let hasLeft = false;
    const leave = (): void => {
      if (hasLeft) return;
      hasLeft = true;
      this.#leave(running);
    };
    return new ReadableStream({
      type: 'bytes',
      async pull(controller) {
        const { done, value } = await frames.next();
        if (done !== true) return controller.enqueue(value ?? SILENCE.slice());
        leave();
        controller.close();
        // a reader that brought its own buffer wants it back
        controller.byobRequest?.respond(0);
      },
      cancel: leave,
    });
  }

  #begin(order: RoomOrder): Running {
    const stop = new AbortController();
    const performance = this.#perform(stop.signal, order);
    performance.catch(() => undefined);
    return { performance, stop, listeners: 0, isKept: false };
  }

  async #perform(signal: AbortSignal, { model, sentence, asker }: RoomOrder): Promise<Performance> {
    const session = await this.#options.synthesizer.connect(signal, asker);
    if (session.info.model !== model) {
      session.close();
      throw new SpeechFault(
        'backend_mismatch',
        `The backend serves ${session.info.model} by now; ask again.`,
      );
    }
    const source = session.speak(sentence);
    return { session, source, recording: new Recording(source) };
  }

  async *#frames(
    order: RoomOrder,
    running: Running,
    origin: Origin,
  ): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    try {
      const { source, recording } = await running.performance;
      await source.accepted;
      yield encodeFrame({ kind: 'text', text: acceptedText(origin) });
      for (let at = 0; ; at += 1) {
        const samples = await recording.piece(at);
        if (samples === null) break;
        yield encodeFrame({ kind: 'audio', bytes: bytesFromSamples(samples) });
      }
      const report = await source.finished;
      this.#keep(order.key, running, recording, report);
      yield encodeFrame({ kind: 'text', text: doneText(report) });
    } catch (error) {
      if (this.#running === running) this.#running = undefined;
      yield encodeFrame({ kind: 'text', text: faultText(error) });
    }
  }

  /** Whoever comes until it is kept still hears it from here. */
  #keep(
    key: string,
    running: Running,
    recording: Recording,
    report: Awaited<SpokenSentence['finished']>,
  ): void {
    if (running.isKept) return;
    running.isKept = true;
    const kept = this.#options.store.put(key, recording.pieces, report).finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#options.keepAlive(kept.catch(() => undefined));
  }

  #leave(running: Running): void {
    running.listeners -= 1;
    if (running.listeners > 0) return;
    if (this.#running === running && !running.isKept) this.#running = undefined;
    running.stop.abort();
    running.performance.then(
      ({ session }) => session.close(),
      () => undefined,
    );
  }
}

function originOf(running: Running | undefined): Origin {
  if (running === undefined) return 'spoken';
  return running.isKept ? 'kept' : 'joined';
}
