/**
 * What rounded weights and caches change, stage by stage: the reference in fp32 speaks, the others are asked the
 * same at every step (teacher-forced); then each speaks by itself from the same seed.
 * `node bench/drift.ts [--model FOLDER | --small] [--tokens N] [--sentences N] [--threads N] [--json]`
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openCheckpoint } from '../gpu-backend/checkpoint/checkpoint.ts';
import type {
  GenerationConfig,
  SamplingGeneration,
} from '../gpu-backend/checkpoint/generation-config.ts';
import { openBarkModels, type LoadedModels } from '../gpu-backend/models/bark-models.ts';
import type { ModelOptions } from '../gpu-backend/models/options.ts';
import { joinWaveforms } from '../gpu-backend/pipeline/codec.ts';
import type { BarkModels, CausalModel, FineModel } from '../gpu-backend/pipeline/models.ts';
import { philoxRandomness } from '../gpu-backend/pipeline/randomness.ts';
import { synthesize } from '../gpu-backend/pipeline/synthesize.ts';
import type { SpeechRequest } from '../gpu-backend/pipeline/synthesizer.ts';
import type { Waveform } from '../shared/bark/shapes.ts';
import { DriftMeter, type Choice } from './support/drift-meter.ts';
import { sentencesOf } from './support/sentence.ts';
import { logMelDistance } from './support/sound.ts';
import { EMBEDDED, smallCheckpoint } from './support/subject.ts';
import { markdown } from './support/table.ts';

/** Caches are rounded where the C API decodes. */
const ROUNDED = [
  { precision: 'int8', decoder: 'stock', cache: 'float32' },
  { precision: 'int8', decoder: 'native', cache: 'int8' },
  { precision: 'int4', decoder: 'native', cache: 'int8' },
] as const satisfies readonly (Pick<ModelOptions, 'precision' | 'decoder'> & { cache: string })[];
const { signal } = new AbortController();

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: EMBEDDED },
    small: { type: 'boolean', default: false },
    tokens: { type: 'string' },
    sentences: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
});

const folder = values.small ? await mkdtemp(join(tmpdir(), 'bark-drift-')) : values.model;
try {
  if (values.small) await smallCheckpoint(folder);
  const rows = await measure(folder);
  process.stdout.write(`${values.json ? JSON.stringify(rows) : markdown(rows)}\n`);
} finally {
  if (values.small) await rm(folder, { recursive: true });
}

async function measure(path: string): Promise<readonly Record<string, string | number>[]> {
  const checkpoint = await openCheckpoint(path);
  const { generation } = checkpoint;
  const open = (options: Pick<ModelOptions, 'precision' | 'decoder'>): Promise<LoadedModels> =>
    openBarkModels(checkpoint, {
      threads: Number(values.threads),
      attention: 'fused',
      ...options,
    });
  const reference = await open({ precision: 'fp32' });
  const sentence = await sentencesOf(path);
  const tokens = values.tokens === undefined ? null : Number(values.tokens);
  const requests = Array.from({ length: Number(values.sentences) }, (_, index) =>
    sentence({ latency: 'exact', tokens, index }),
  );
  const rows = [];
  try {
    for (const { precision, decoder, cache } of ROUNDED) {
      const other = await open({ precision, decoder });
      try {
        const meters = metersOf(generation);
        const distances: number[] = [];
        const otherSeeds: number[] = [];
        for (const request of requests) {
          const sound = await speak(
            watched(reference, other, meters, generation),
            generation,
            request,
          );
          const alone = await speak(other, generation, request);
          const reseeded = await speak(reference, generation, {
            ...request,
            seed: request.seed + 1,
          });
          distances.push(logMelDistance(sound, alone, generation.sampleRate));
          otherSeeds.push(logMelDistance(sound, reseeded, generation.sampleRate));
        }
        for (const [stage, meter] of Object.entries(meters)) {
          rows.push({ weights: precision, cache, stage, ...meter.drift });
        }
        rows.push({
          weights: precision,
          cache,
          stage: 'own take',
          'mel dB': mean(distances),
          'mel dB of another seed': mean(otherSeeds),
        });
      } finally {
        await other.release();
      }
    }
  } finally {
    await reference.release();
    await checkpoint.tensors.close();
  }
  return rows;
}

interface Meters {
  readonly semantic: DriftMeter;
  readonly coarse: DriftMeter;
  readonly fine: DriftMeter;
}

function metersOf({ semantic, coarse, fine }: GenerationConfig): Meters {
  const draws = philoxRandomness(1);
  const meter = (
    stage: keyof Meters,
    { temperature, topK }: Pick<SamplingGeneration, 'temperature' | 'topK'>,
  ): DriftMeter =>
    new DriftMeter(
      { doSample: true, temperature: temperature ?? 1, topK, topP: null },
      draws(stage, 0),
    );
  return {
    semantic: meter('semantic', semantic),
    coarse: meter('coarse', coarse),
    fine: meter('fine', { temperature: fine.temperature, topK: null }),
  };
}

/** Models that answer as the reference does and hold the other's answers against it. */
function watched(
  reference: BarkModels,
  other: BarkModels,
  meters: Meters,
  generation: GenerationConfig,
): BarkModels {
  const { semantic, coarse, codebookSize } = generation;
  const firstCode = semantic.semanticVocabularySize;
  return {
    semantic: watchedCausal(reference.semantic, other.semantic, meters.semantic, () => ({
      from: 0,
      until: semantic.semanticVocabularySize + 1,
    })),
    coarse: watchedCausal(reference.coarse, other.coarse, meters.coarse, (step) => {
      const from = firstCode + (step % coarse.coarseCodebooks) * codebookSize;
      return { from, until: from + codebookSize };
    }),
    fine: watchedFine(reference.fine, other.fine, meters.fine, codebookSize),
    codec: reference.codec,
  };
}

function watchedCausal(
  reference: CausalModel,
  other: CausalModel,
  meter: DriftMeter,
  choiceAt: (step: number) => Choice,
): CausalModel {
  return {
    vocabularySize: reference.vocabularySize,
    blockSize: reference.blockSize,
    open() {
      const [leading, following] = [reference.open(), other.open()];
      let step = 0;
      return {
        async append(parts) {
          const scores = await leading.append(parts, signal);
          meter.add(scores, await following.append(parts, signal), choiceAt(step));
          step += 1;
          return scores;
        },
        close() {
          leading.close();
          following.close();
        },
      };
    },
  };
}

function watchedFine(
  reference: FineModel,
  other: FineModel,
  meter: DriftMeter,
  codebookSize: number,
): FineModel {
  const width = reference.vocabularySize;
  return {
    vocabularySize: width,
    async forward(window, codebook, fromRow) {
      const scores = await reference.forward(window, codebook, fromRow, signal);
      const others = await other.forward(window, codebook, fromRow, signal);
      for (let row = 0; row < scores.length; row += width) {
        const [mine, theirs] = [scores, others].map((all) => all.subarray(row, row + width));
        if (mine !== undefined && theirs !== undefined) {
          meter.add(mine, theirs, { from: 0, until: codebookSize });
        }
      }
      return scores;
    },
  };
}

async function speak(
  models: BarkModels,
  generation: GenerationConfig,
  request: SpeechRequest,
): Promise<Waveform> {
  const pieces: Waveform[] = [];
  const events = synthesize(
    { models, generation, randomness: philoxRandomness, now: () => 0 },
    request,
    signal,
  );
  for await (const event of events) if (event.type === 'audio') pieces.push(event.samples);
  return joinWaveforms(pieces);
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}
