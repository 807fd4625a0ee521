/** The thread that computes: loads a checkpoint and speaks for whoever owns the other end of the port. */
import { parentPort, workerData } from 'node:worker_threads';
import { describeCause, SpeechFault } from '#shared/errors.ts';
import { openCheckpoint } from '../checkpoint/checkpoint.ts';
import { openBarkModels } from '../models/bark-models.ts';
import { philoxRandomness } from '../pipeline/randomness.ts';
import { synthesize, type SynthesisTools } from '../pipeline/synthesize.ts';
import type { SpeechEvent } from '../pipeline/synthesizer.ts';
import type { FromThread, ThreadData, ToThread } from './thread-messages.ts';

interface Speech {
  readonly events: AsyncGenerator<SpeechEvent, void, undefined>;
  readonly stop: AbortController;
}

if (parentPort === null) throw new Error('thread.ts runs as a worker thread, not by itself.');
const port = parentPort;
const post = (message: FromThread, transfer: ArrayBuffer[] = []): void =>
  port.postMessage(message, transfer);

function threadData(data: unknown): ThreadData {
  if (
    typeof data === 'object' &&
    data !== null &&
    'folder' in data &&
    'model' in data &&
    'threads' in data
  ) {
    const { folder, model, threads } = data;
    if (typeof folder === 'string' && typeof model === 'string' && typeof threads === 'number') {
      return { folder, model, threads };
    }
  }
  throw new TypeError(
    'The thread is started with a checkpoint folder, its name and a number of threads.',
  );
}

async function main({ folder, model, threads }: ThreadData): Promise<void> {
  const checkpoint = await openCheckpoint(folder);
  const models = await openBarkModels(checkpoint, { threads });
  await checkpoint.tensors.close();
  const { generation } = checkpoint;
  const tools = { models, generation, randomness: philoxRandomness, now: () => performance.now() };
  const speeches = new Map<number, Speech>();

  port.on('message', (message: ToThread) => {
    if (message.type === 'speak') {
      speeches.set(message.id, begin(tools, message));
      return;
    }
    const speech = speeches.get(message.id);
    if (speech === undefined) return;
    if (message.type === 'next') {
      void advance(message.id, speech).then((isOver) => isOver && speeches.delete(message.id));
    } else {
      speech.stop.abort(new SpeechFault('cancelled', 'The request was cancelled.'));
      speeches.delete(message.id);
      // a sentence between two pulls holds a cache and a codec state: let it close them
      speech.events.return().catch(() => undefined);
    }
  });
  post({
    type: 'ready',
    info: {
      model,
      vocabulary: checkpoint.vocabularySha256,
      sampleRate: generation.sampleRate,
      maxSentenceTokens: generation.semantic.maxInputSemanticLength,
      latencyModes: ['exact', 'balanced', 'fast'],
    },
  });
}

function begin(
  tools: Omit<SynthesisTools, 'onProgress'>,
  { id, request }: Extract<ToThread, { type: 'speak' }>,
): Speech {
  const stop = new AbortController();
  const events = synthesize(
    { ...tools, onProgress: (stage, step) => post({ type: 'progress', id, stage, step }) },
    request,
    stop.signal,
  );
  return { events, stop };
}

/** Answers one pull; true when the speech is over. */
async function advance(id: number, { events }: Speech): Promise<boolean> {
  try {
    const next = await events.next();
    if (next.done === true) return true;
    const event = next.value;
    if (event.type === 'audio') {
      const samples = Float32Array.from(event.samples);
      post({ type: 'audio', id, samples }, [samples.buffer]);
      return false;
    }
    if (event.type === 'done') post({ type: 'done', id, report: event.report });
    return event.type === 'done';
  } catch (error) {
    const fault = SpeechFault.from(error);
    post({
      type: 'fault',
      id,
      code: fault.code,
      message: fault.message,
      cause: describeCause(fault.cause ?? fault),
    });
    return true;
  }
}

main(threadData(workerData)).catch((error: unknown) => {
  post({ type: 'load-failed', message: error instanceof Error ? error.message : String(error) });
  port.close();
});
