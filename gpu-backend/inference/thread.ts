/** The thread that computes: loads a checkpoint and speaks for whoever owns the other end of the port. */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../clock.ts';
import { openCheckpoint } from '../checkpoint/checkpoint.ts';
import { checkpointFingerprint } from '../checkpoint/fingerprint.ts';
import { openBarkModels } from '../models/bark-models.ts';
import { codesLayout } from '../models/decoder-file.ts';
import { philoxRandomness } from '../pipeline/randomness.ts';
import { engineFingerprint } from './fingerprint.ts';
import { Speeches, type Post } from './speeches.ts';
import type { ThreadData, ToThread } from './thread-messages.ts';

if (parentPort === null) throw new Error('thread.ts runs as a worker thread, not by itself.');
const port = parentPort;
const post: Post = (message, transfer = []) => port.postMessage(message, transfer);

async function main({
  folder,
  model,
  threads,
  precision,
  device,
  rows,
  offload,
}: ThreadData): Promise<void> {
  const checkpoint = await openCheckpoint(folder);
  const models = await openBarkModels(checkpoint, {
    threads,
    precision,
    device,
    rows,
    offload,
    attention: 'fastest',
    onWarning: (message) => post({ type: 'warning', message }),
  });
  const codes = await codesLayout(checkpoint);
  const weights = await checkpointFingerprint(checkpoint);
  await checkpoint.tensors.close();
  const { config, generation } = checkpoint;
  const speeches = new Speeches(
    { models, generation, randomness: philoxRandomness },
    systemClock,
    post,
  );
  port.on('message', (message: ToThread) => speeches.receive(message));
  post({
    type: 'ready',
    info: {
      model,
      fingerprint: engineFingerprint(weights, models.computed),
      vocabulary: checkpoint.vocabularySha256,
      sampleRate: generation.sampleRate,
      maxSentenceTokens: generation.semantic.maxInputSemanticLength,
      textVocabularySize:
        config.semantic.inputVocabularySize - generation.semantic.textEncodingOffset,
      semanticVocabularySize: generation.semantic.semanticVocabularySize,
      codebookSize: generation.codebookSize,
      latencyModes: ['exact', 'balanced', 'fast'],
      codes,
    },
  });
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the engine, which starts this thread, gives no other
main(workerData as ThreadData).catch((error: unknown) => {
  post({ type: 'load-failed', message: error instanceof Error ? error.message : String(error) });
  port.close();
});
