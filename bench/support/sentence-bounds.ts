/** The shortest time in which this machine could speak. */
import type { LatencyMode } from '../../shared/bark/options.ts';
import { openCheckpoint } from '../../gpu-backend/checkpoint/checkpoint.ts';
import type { Limits } from './machine.ts';
import { sentencesOf } from './sentence.ts';
import { totalBoundMs, workOf } from './work.ts';

export interface SentenceBounds {
  readonly firstAudioMs: number;
  readonly totalMs: number;
  readonly audioSeconds: number;
}

/** Of `streams` sentences of so many semantic tokens in a mode, all of them in step. */
export async function sentenceBounds(
  folder: string,
  take: { readonly latency: LatencyMode; readonly tokens: number; readonly streams: number },
  limits: Limits,
): Promise<SentenceBounds> {
  const checkpoint = await openCheckpoint(folder);
  await checkpoint.tensors.close();
  const sentence = await sentencesOf(folder);
  const { latency, tokens, streams } = take;
  const work = await workOf(checkpoint, sentence({ latency, tokens, index: 0 }));
  return {
    firstAudioMs: totalBoundMs(work.first, limits, streams),
    totalMs: totalBoundMs(work.all, limits, streams),
    audioSeconds: work.audioSeconds,
  };
}
