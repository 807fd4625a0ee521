/** How far from `exact` the other latency modes sound, on a checkpoint that speaks. */
import type { LatencyMode } from '../../shared/bark/options.ts';
import type { FineCodes, Waveform } from '../../shared/bark/shapes.ts';
import { joinFrames } from '../../shared/codec/decode-in-chunks.ts';
import { openCheckpoint } from '../../gpu-backend/checkpoint/checkpoint.ts';
import type { GenerationConfig } from '../../gpu-backend/checkpoint/generation-config.ts';
import { openBarkModels } from '../../gpu-backend/models/bark-models.ts';
import { bookSizes, joinWaveforms } from '../../gpu-backend/pipeline/codec.ts';
import type { BarkModels } from '../../gpu-backend/pipeline/models.ts';
import { philoxRandomness } from '../../gpu-backend/pipeline/randomness.ts';
import { synthesize } from '../../gpu-backend/pipeline/synthesize.ts';
import type { SpeechRequest } from '../../gpu-backend/pipeline/synthesizer.ts';
import { quantile } from '../support/quantile.ts';
import { SENTENCES, sentencesOf } from '../support/sentence.ts';
import { MODES, type Setting } from '../support/setting.ts';
import { joinJumps, logMelDistance } from '../support/sound.ts';
import type { Table } from '../support/table.ts';

interface Take {
  readonly audio: Waveform;
  readonly codes: FineCodes;
  /** Where a chunk begins, in samples. */
  readonly joins: readonly number[];
}

/** The sentences with the same seed in every mode; medians over sentences, the worst join of all. */
export async function modes({ embedded, rounds }: Setting): Promise<Table> {
  const { folder, threads, precision, device, tokens } = embedded;
  const checkpoint = await openCheckpoint(folder);
  const { generation } = checkpoint;
  const models = await openBarkModels(checkpoint, {
    threads,
    precision,
    device,
    attention: 'fastest',
  });
  const sentence = await sentencesOf(folder);
  const count = SENTENCES.length * rounds;
  const takesOf = async (latency: LatencyMode): Promise<Take[]> => {
    const takes: Take[] = [];
    for (let index = 0; index < count; index += 1)
      takes.push(await take(models, generation, sentence({ latency, tokens, index })));
    return takes;
  };
  try {
    const exact = await takesOf('exact');
    const rows = [];
    for (const mode of MODES) {
      const takes = mode === 'exact' ? exact : await takesOf(mode);
      const pairs = takes.flatMap((one, i) => {
        const other = exact[i];
        return other === undefined ? [] : [[other, one] as const];
      });
      const middle = (value: (a: Take, b: Take) => number): number =>
        quantile(
          pairs.map(([a, b]) => value(a, b)),
          0.5,
        );
      const { coarseCodebooks } = generation.coarse;
      const { fineCodebooks } = generation.fine;
      rows.push({
        mode,
        'coarse codes equal': middle((a, b) => agreement(a, b, 0, coarseCodebooks, fineCodebooks)),
        'fine codes equal': middle((a, b) =>
          agreement(a, b, coarseCodebooks, fineCodebooks, fineCodebooks),
        ),
        'log mel distance dB': middle((a, b) =>
          logMelDistance(a.audio, b.audio, generation.sampleRate),
        ),
        'worst join, of the largest jump elsewhere': Math.max(
          ...takes.map(({ audio, joins }) => joinJumps(audio, joins)),
        ),
      });
    }
    return {
      what: 'modes',
      title: `What a mode changes of the take that \`exact\` makes from the same seed: embedded checkpoint, ${precision}, ${count} sentences`,
      rows,
    };
  } finally {
    await models.release();
    await checkpoint.tensors.close();
  }
}

async function take(
  models: BarkModels,
  generation: GenerationConfig,
  request: SpeechRequest,
): Promise<Take> {
  const heard: FineCodes[] = [];
  const pieces: Waveform[] = [];
  const joins: number[] = [];
  let at = 0;
  const events = synthesize(
    {
      models: listening(models, heard),
      generation,
      randomness: philoxRandomness,
      now: () => performance.now(),
    },
    request,
    new AbortController().signal,
  );
  for await (const event of events) {
    if (event.type !== 'audio') continue;
    if (at > 0) joins.push(at);
    pieces.push(event.samples);
    at += event.samples.length;
  }
  const [first, ...rest] = heard;
  if (first === undefined) throw new Error('The model said nothing.');
  return {
    audio: joinWaveforms(pieces),
    codes: rest.reduce((all, piece) => joinFrames(all, piece, bookSizes(generation)), first),
    joins,
  };
}

/** The same models; what the codec is given is kept. */
function listening(models: BarkModels, heard: FineCodes[]): BarkModels {
  return {
    ...models,
    codec: {
      hopSamples: models.codec.hopSamples,
      firstChunkFrames: models.codec.firstChunkFrames,
      open: () => {
        const stream = models.codec.open();
        return {
          decode: (codes, signal) => {
            heard.push(codes);
            return stream.decode(codes, signal);
          },
          close: () => stream.close(),
        };
      },
    },
  };
}

/** Share of equal codes in codebooks from..until - 1, where both takes have frames. */
function agreement(a: Take, b: Take, from: number, until: number, books: number): number {
  const [framesA, framesB] = [a.codes.length / books, b.codes.length / books];
  const frames = Math.min(framesA, framesB);
  let equal = 0;
  for (let book = from; book < until; book += 1) {
    for (let t = 0; t < frames; t += 1)
      equal += a.codes[book * framesA + t] === b.codes[book * framesB + t] ? 1 : 0;
  }
  return equal / (frames * (until - from));
}
