/** Says one sentence with the pipeline: as it is made, or, where every stage is wanted, whole. */
import { textTokens, type TextTokens, type Waveform } from '#shared/bark/shapes.ts';
import type { LatencyMode, SpeechOptions } from '#shared/bark/options.ts';
import type { Voice } from '#shared/bark/voice.ts';
import type { GenerationConfig } from '../../checkpoint/generation-config.ts';
import { coarseCodesOf } from '../../pipeline/coarse.ts';
import { generate } from '../../pipeline/generate.ts';
import type { BarkModels } from '../../pipeline/models.ts';
import { philoxRandomness } from '../../pipeline/randomness.ts';
import { synthesize } from '../../pipeline/synthesize.ts';
import type { SpokenStages } from './dump-folder.ts';

export interface Speaker {
  readonly models: BarkModels;
  readonly generation: GenerationConfig;
  readonly voice: Voice | null;
  readonly options: SpeechOptions;
  readonly latency: LatencyMode;
  readonly seed: number;
}

type Stage = 'semantic' | 'coarse' | 'fine' | 'codec';

export interface Listener {
  /** Told after every step: semantic tokens, coarse ids, fine windows, decoded frames. */
  readonly onStep: (stage: Stage, step: number) => void;
  readonly onAudio: (samples: Waveform) => Promise<void>;
}

export interface SaidSentence {
  readonly semanticTokens: number;
  readonly samples: number;
}

/** Speaks sentence number `row` and hands its samples on as they come. */
export async function speakSentence(
  { models, generation, voice, options, latency, seed }: Speaker,
  ids: Int32Array,
  row: number,
  { onStep, onAudio }: Listener,
  signal: AbortSignal,
): Promise<SaidSentence> {
  let samples = 0;
  let semanticTokens = 0;
  const tools = {
    models,
    generation,
    randomness: philoxRandomness,
    now: () => performance.now(),
    onProgress: onStep,
  };
  const request = { text: textTokens(ids), voice, options, latency, seed, row };
  for await (const event of synthesize(tools, request, signal)) {
    if (event.type === 'audio') {
      samples += event.samples.length;
      await onAudio(event.samples);
    } else if (event.type === 'done') semanticTokens = event.report.semantic.steps;
  }
  return { semanticTokens, samples };
}

/** Speaks sentence number `row` whole and returns what every stage made. */
export async function speakStages(
  { models, generation, voice, options, seed }: Speaker,
  ids: Int32Array,
  row: number,
  onStep: Listener['onStep'],
  signal: AbortSignal,
): Promise<SpokenStages> {
  const text: TextTokens = textTokens(ids);
  const [said] = await generate(
    models,
    generation,
    {
      rows: [text],
      voice,
      options,
      rowIndependentFine: true,
      cutToLength: true,
      randomness: philoxRandomness(seed),
      firstRow: row,
      onProgress: ({ stage, step }) => onStep(stage, step),
    },
    signal,
  );
  if (said === undefined) throw new RangeError('A batch of one row came back empty.');
  const { semantic, coarse, fine, audio } = said;
  const end = semantic.indexOf(generation.semantic.eosTokenId);
  return {
    ids,
    semantic: end < 0 ? semantic : semantic.subarray(0, end),
    coarse: coarseCodesOf(coarse, generation),
    fine,
    audio,
  };
}
