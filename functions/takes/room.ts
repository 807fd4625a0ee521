/**
 * The work of a room: one sentence, spoken once for all who ask while it is made, then kept. Where the isolate holds too
 * much, it is spoken for those who listen already, and is neither joined nor kept.
 */
import { bytesFromSamples } from '#shared/audio/pcm.ts';
import { SpeechFault } from '#shared/errors.ts';
import type { SpeechReport } from '#shared/protocol/messages.ts';
import type {
  Acceptance,
  Asker,
  Origin,
  SpeechSession,
  SpokenSentence,
  Synthesizer,
} from '../backend/synthesizer.ts';
import { withSilences } from '../delivery/silences.ts';
import { encodeFrame } from './frames.ts';
import { Recording, type RecordingReader } from './recording.ts';
import type { RecordingBudget } from './recording-budget.ts';
import { acceptedText, doneText, faultText, type RoomOrder } from './room-messages.ts';
import { speakerOf } from './sentence-key.ts';
import type { SentenceStore } from './sentence-store.ts';

interface RoomOptions {
  readonly synthesizer: Synthesizer;
  readonly store: SentenceStore;
  /** Of all rooms of this isolate. */
  readonly budget: RecordingBudget;
  /** Keeps writing to the store running after the last answer. */
  readonly keepAlive: (work: Promise<unknown>) => void;
}

/** A frame without a sample. */
const SILENCE = encodeFrame({ kind: 'audio', bytes: new Uint8Array(0) });

/** A sentence being spoken. */
interface Performance {
  readonly session: SpeechSession;
  /** Who speaks, as `speakerOf` has it. */
  readonly speaker: string;
  readonly source: SpokenSentence;
}

/** A performance, and what stops it when the last of its listeners has left. */
interface Running {
  readonly performance: Promise<Performance>;
  readonly recording: Recording;
  readonly stop: AbortController;
  /** Whom it is spoken for. */
  readonly asker: Asker | undefined;
  isKept: boolean;
}

/** Somebody who asked. */
interface Listener {
  readonly order: RoomOrder;
  readonly running: Running;
  readonly reader: RecordingReader;
  readonly origin: Origin;
}

export class Room {
  readonly #options: RoomOptions;
  /** The one that can be joined, if its recording is whole still. */
  #running: Running | undefined;

  constructor(options: RoomOptions) {
    this.#options = options;
  }

  /** Frames: how it begins, its audio, how it ended. Cancelling is leaving. */
  speak(order: RoomOrder): ReadableStream<Uint8Array> {
    const listener = this.#join(order);
    // who has gone is noticed by writing alone, here as on any line
    const frames = withSilences(this.#frames(listener));
    const leave = (): void => this.#leave(listener);
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

  #join(order: RoomOrder): Listener {
    const known = this.#running?.recording.isWhole === true ? this.#running : undefined;
    const running = known ?? this.#begin(order);
    this.#running = running;
    return { order, running, reader: running.recording.join(), origin: originOf(known) };
  }

  #begin(order: RoomOrder): Running {
    const stop = new AbortController();
    const performance = this.#perform(stop.signal, order);
    const source = performance.then((begun) => begun.source);
    // told to each listener, in its place in the audio
    source.catch(() => undefined);
    const recording = new Recording(source, this.#options.budget);
    return { performance, recording, stop, asker: order.asker, isKept: false };
  }

  async #perform(signal: AbortSignal, { model, sentence, asker }: RoomOrder): Promise<Performance> {
    const session = await this.#options.synthesizer.connect(signal, asker);
    // not of a session that is closed: that has none
    const { info } = session;
    if (info.model !== model) {
      session.close();
      throw new SpeechFault(
        'backend_mismatch',
        `The backend serves ${info.model} by now; ask again.`,
      );
    }
    return { session, speaker: speakerOf(session.info), source: session.speak(sentence) };
  }

  async *#frames(listener: Listener): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    const { running, reader } = listener;
    try {
      const { speaker, source } = await running.performance;
      const { position } = await source.accepted;
      yield encodeFrame({ kind: 'text', text: acceptedText(acceptanceOf(listener, position)) });
      for (let samples = await reader.read(); samples !== null; samples = await reader.read()) {
        yield encodeFrame({ kind: 'audio', bytes: bytesFromSamples(samples) });
      }
      const report = await source.finished;
      // another engine of the same model is heard, but it is not the sound that the key names
      if (speaker === listener.order.speaker) this.#keep(listener, report);
      else this.#close(running);
      yield encodeFrame({ kind: 'text', text: doneText(report) });
    } catch (error) {
      this.#close(running);
      yield encodeFrame({ kind: 'text', text: faultText(error) });
    }
  }

  /** Whoever comes until it is kept still hears it from here. */
  #keep({ order, running }: Listener, report: SpeechReport): void {
    if (running.isKept) return;
    const pieces = running.recording.pin();
    if (pieces === null) return;
    running.isKept = true;
    const kept = this.#options.store.put(order.key, pieces, report).finally(() => {
      this.#close(running);
      running.recording.unpin();
    });
    this.#options.keepAlive(kept.catch(() => undefined));
  }

  #leave({ running, reader }: Listener): void {
    reader.leave();
    if (running.recording.readers > 0) return;
    if (!running.isKept) this.#close(running);
    running.stop.abort();
    running.performance.then(
      ({ session }) => session.close(),
      () => undefined,
    );
  }

  /** Nobody joins it any more. */
  #close(running: Running): void {
    if (this.#running === running) this.#running = undefined;
  }
}

/** A request of another caller is not named to this one. */
function acceptanceOf({ order, running, origin }: Listener, position?: number): Acceptance {
  if (origin === 'spoken') return { origin, position };
  const isOwn = running.asker?.caller === order.asker?.caller;
  if (origin === 'kept' || !isOwn) return { origin };
  return { origin, leader: running.asker?.requestId };
}

function originOf(running: Running | undefined): Origin {
  if (running === undefined) return 'spoken';
  return running.isKept ? 'kept' : 'joined';
}
