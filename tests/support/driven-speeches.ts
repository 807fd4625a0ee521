/** The speeches of the inference thread in this thread, driven as the server drives them. */
import { fileURLToPath } from 'node:url';
import type { FaultCode } from '#shared/errors.ts';
import type { SpeechReport, StageName } from '#shared/protocol/messages.ts';
import { openCheckpoint } from '../../gpu-backend/checkpoint/checkpoint.ts';
import type { Clock } from '../../gpu-backend/clock.ts';
import { Speeches } from '../../gpu-backend/inference/speeches.ts';
import type { FromThread } from '../../gpu-backend/inference/thread-messages.ts';
import { openBarkModels, type LoadedModels } from '../../gpu-backend/models/bark-models.ts';
import type { ModelOptions } from '../../gpu-backend/models/options.ts';
import type { BarkModels } from '../../gpu-backend/pipeline/models.ts';
import { philoxRandomness } from '../../gpu-backend/pipeline/randomness.ts';
import type { SpeechRequest } from '../../gpu-backend/pipeline/synthesizer.ts';

const TINY = fileURLToPath(new URL('../../models/bark-tiny', import.meta.url));

export type Generation = Awaited<ReturnType<typeof openCheckpoint>>['generation'];

/** The embedded checkpoint, loaded as the inference thread loads it. */
export async function openTiny(
  options: Partial<ModelOptions> = {},
): Promise<{ models: LoadedModels; generation: Generation }> {
  const checkpoint = await openCheckpoint(TINY);
  const models = await openBarkModels(checkpoint, { threads: 1, attention: 'fused', ...options });
  await checkpoint.tensors.close();
  return { models, generation: checkpoint.generation };
}

interface Arrival {
  readonly atMs: number;
  readonly samples: number;
}

/** What came of a speech. */
export interface Outcome {
  readonly samples: readonly number[];
  /** When samples came, by the clock, and how many. */
  readonly arrivals: readonly Arrival[];
  /** Null when it did not come to its end. */
  readonly report: SpeechReport | null;
  readonly fault: FaultCode | null;
}

export class DrivenSpeeches {
  readonly #speeches: Speeches;
  readonly #clock: Clock;
  readonly #listeners = new Map<number, (message: FromThread) => void>();
  #lastId = 0;

  constructor(models: BarkModels, generation: Generation, clock: Clock) {
    this.#clock = clock;
    const tools = { models, generation, randomness: philoxRandomness };
    this.#speeches = new Speeches(tools, clock, (message) => {
      if ('id' in message) this.#listeners.get(message.id)?.(message);
    });
  }

  /** Speaks and pulls as fast as sound comes; once `cancelAt` answers true it is cancelled, on a later turn of the loop. */
  speak(
    request: SpeechRequest,
    cancelAt: (stage: StageName, step: number) => boolean = () => false,
    onCancel: () => void = () => {},
  ): Promise<Outcome> {
    this.#lastId += 1;
    const id = this.#lastId;
    const samples: number[] = [];
    const arrivals: Arrival[] = [];
    return new Promise((resolve) => {
      const end = (report: SpeechReport | null, fault: FaultCode | null): void => {
        this.#listeners.delete(id);
        resolve({ samples, arrivals, report, fault });
      };
      this.#listeners.set(id, (message) => {
        if (message.type === 'progress' && cancelAt(message.stage, message.step)) {
          // as a message from the other thread comes: between two turns
          setImmediate(() => {
            if (!this.#listeners.has(id)) return;
            onCancel();
            this.#speeches.receive({ type: 'cancel', id });
            end(null, 'cancelled');
          });
        }
        if (message.type === 'audio') {
          arrivals.push({ atMs: this.#clock.now(), samples: message.samples.length });
          for (const sample of message.samples) samples.push(sample);
          this.#speeches.receive({ type: 'next', id });
        }
        if (message.type === 'done') end(message.report, null);
        if (message.type === 'fault') end(null, message.code);
      });
      this.#speeches.receive({ type: 'speak', id, request });
      this.#speeches.receive({ type: 'next', id });
    });
  }
}
