/** The engine as the server sees it: a Synthesizer whose work is done in a thread of its own. */
import '../models/no-telemetry.ts';
import { Worker } from 'node:worker_threads';
import { DescribedCause, SpeechFault } from '#shared/errors.ts';
import { fineCodes, waveform } from '#shared/bark/shapes.ts';
import type {
  SpeechEvent,
  SpeechRequest,
  Synthesizer,
  SynthesizerInfo,
} from '../pipeline/synthesizer.ts';
import type { FromThread, ThreadData, ToThread } from './thread-messages.ts';

/** Speaking makes much that is short-lived; given room, V8 lets 60 MB of it gather, and gains nothing by it. */
const YOUNG_OBJECTS_MB = 24;

export interface Engine extends Synthesizer {
  /** Resolves when the thread has ended by itself, with what it left; never resolves after `close`. */
  readonly failed: Promise<Error>;
  /** Ends the thread; running speeches fail. */
  close(): Promise<void>;
}

/** What a running speech has received and not yet handed on. */
interface Mailbox {
  readonly deliver: (message: FromThread) => void;
}

/**
 * Starts the thread and loads the checkpoint; rejects with what is wrong with it. `onWarning` is told
 * when something works, but not in the best way.
 */
export async function startEngine(
  data: ThreadData,
  onWarning: (message: string) => void = () => {},
): Promise<Engine> {
  const worker = new Worker(new URL('./thread.ts', import.meta.url), {
    workerData: data,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_OBJECTS_MB },
  });
  const mailboxes = new Map<number, Mailbox>();
  const send = (message: ToThread): void => worker.postMessage(message);
  let isClosing = false;

  const failed = new Promise<Error>((resolve) => {
    const fail = (error: Error): void => {
      if (isClosing) return;
      for (const [id, { deliver }] of mailboxes) {
        deliver({
          type: 'fault',
          id,
          code: 'backend_failed',
          message: 'The inference engine stopped; try again when it is back.',
          cause: error.name,
        });
      }
      resolve(error);
    };
    worker.on('error', (error) => fail(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', (code) => fail(new Error(`The inference thread ended with code ${code}.`)));
  });
  const info = await new Promise<SynthesizerInfo>((resolve, reject) => {
    worker.on('message', (message: FromThread) => {
      if (message.type === 'ready') resolve(message.info);
      else if (message.type === 'load-failed') reject(new Error(message.message));
      else if (message.type === 'warning') onWarning(message.message);
      else mailboxes.get(message.id)?.deliver(message);
    });
    void failed.then(reject);
  });

  let lastId = 0;
  return {
    info,
    failed,
    async *speak(
      request: SpeechRequest,
      signal: AbortSignal,
    ): AsyncGenerator<SpeechEvent, void, undefined> {
      signal.throwIfAborted();
      lastId += 1;
      const id = lastId;
      const received: FromThread[] = [];
      let wake: (() => void) | null = null;
      const ring = (): void => {
        wake?.();
        wake = null;
      };
      mailboxes.set(id, {
        deliver: (message) => {
          received.push(message);
          ring();
        },
      });
      signal.addEventListener('abort', ring);
      let isOver = false;
      try {
        send({ type: 'speak', id, request });
        let isAsked = false;
        while (!isOver) {
          if (!isAsked) send({ type: 'next', id });
          isAsked = true;
          while (received.length === 0 && !signal.aborted) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
          signal.throwIfAborted();
          const message = received.shift();
          if (message?.type === 'progress')
            yield { type: 'progress', stage: message.stage, step: message.step };
          if (message?.type === 'audio') {
            isAsked = false;
            yield { type: 'audio', samples: waveform(message.samples) };
          }
          if (message?.type === 'codes') {
            isAsked = false;
            yield { type: 'codes', codes: fineCodes(message.codes, info.codebookSize) };
          }
          if (message?.type === 'done') {
            isOver = true;
            yield { type: 'done', report: message.report };
          }
          if (message?.type === 'fault') {
            isOver = true;
            throw new SpeechFault(message.code, message.message, {
              cause: new DescribedCause(message.cause),
            });
          }
        }
      } finally {
        if (!isOver) send({ type: 'cancel', id });
        signal.removeEventListener('abort', ring);
        mailboxes.delete(id);
      }
    },
    async close() {
      isClosing = true;
      await worker.terminate();
    },
  };
}
