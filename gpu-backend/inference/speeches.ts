/** The speeches of the inference thread: begun, pulled, paced against one another, cancelled. */
import { describeCause, SpeechFault } from '#shared/errors.ts';
import type { Clock } from '../clock.ts';
import { synthesize, type SynthesisTools } from '../pipeline/synthesize.ts';
import type { SpeechEvent, SpeechRequest } from '../pipeline/synthesizer.ts';
import { Pacer } from './pacer.ts';
import type { FromThread, ToThread } from './thread-messages.ts';

interface Speech {
  readonly id: number;
  readonly events: AsyncGenerator<SpeechEvent, void, undefined>;
  readonly stop: AbortController;
}

export type Post = (message: FromThread, transfer?: ArrayBuffer[]) => void;

export class Speeches {
  readonly #tools: Omit<SynthesisTools, 'onProgress' | 'now'>;
  readonly #clock: Clock;
  readonly #post: Post;
  readonly #pacer: Pacer;
  readonly #running = new Map<number, Speech>();

  constructor(tools: Omit<SynthesisTools, 'onProgress' | 'now'>, clock: Clock, post: Post) {
    this.#tools = tools;
    this.#clock = clock;
    this.#post = post;
    this.#pacer = new Pacer(clock);
  }

  receive(message: ToThread): void {
    if (message.type === 'speak') {
      this.#begin(message.id, message.request);
      return;
    }
    const speech = this.#running.get(message.id);
    // what was cancelled may still be asked for
    if (speech === undefined) return;
    if (message.type === 'next') void this.#advance(speech);
    else this.#cancel(speech);
  }

  #begin(id: number, request: SpeechRequest): void {
    const stop = new AbortController();
    const events = synthesize(
      {
        ...this.#tools,
        now: () => this.#clock.now(),
        onProgress: (stage, step) => this.#post({ type: 'progress', id, stage, step }),
      },
      request,
      stop.signal,
    );
    this.#running.set(id, { id, events, stop });
    this.#pacer.begin(id);
  }

  #cancel({ id, events, stop }: Speech): void {
    stop.abort(new SpeechFault('cancelled', 'The request was cancelled.'));
    this.#end(id);
    // a sentence between two pulls holds a cache and a codec state: let it close them
    events.return().catch(() => undefined);
  }

  /** Answers one pull. */
  async #advance({ id, events }: Speech): Promise<void> {
    try {
      await this.#pacer.turn(id);
      const next = await events.next();
      if (next.done === true) {
        this.#end(id);
        return;
      }
      const event = next.value;
      if (event.type === 'audio') {
        const samples = Float32Array.from(event.samples);
        this.#pacer.made(id, (1_000 * samples.length) / this.#tools.generation.sampleRate);
        this.#post({ type: 'audio', id, samples }, [samples.buffer]);
      }
      if (event.type === 'codes') {
        const codes = Int32Array.from(event.codes);
        this.#pacer.made(id, this.#durationMs(codes));
        this.#post({ type: 'codes', id, codes }, [codes.buffer]);
      }
      if (event.type === 'done') {
        this.#end(id);
        this.#post({ type: 'done', id, report: event.report });
      }
    } catch (error) {
      this.#end(id);
      const fault = SpeechFault.from(error);
      this.#post({
        type: 'fault',
        id,
        code: fault.code,
        message: fault.message,
        cause: describeCause(fault.cause ?? fault),
      });
    }
  }

  #durationMs({ length }: Int32Array): number {
    const { models, generation } = this.#tools;
    const frames = length / generation.fine.fineCodebooks;
    return (1_000 * frames * models.codec.hopSamples) / generation.sampleRate;
  }

  #end(id: number): void {
    this.#running.delete(id);
    this.#pacer.end(id);
  }
}
