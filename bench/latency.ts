/**
 * What the latency modes cost and give, on a checkpoint that speaks: time to first audio, real-time
 * factor, and how far from `exact` the sound is.
 * `node bench/latency.ts [--model models/bark-nano] [--threads 1] [--rounds 3] [--json]`
 */
import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { LatencyMode } from '#shared/bark/options.ts';
import { textTokens, type FineCodes, type Waveform } from '#shared/bark/shapes.ts';
import { readVoiceNpys } from '#shared/bark/voice-file.ts';
import type { Voice } from '#shared/bark/voice.ts';
import { WordPiece } from '#shared/text/word-piece.ts';
import { openCheckpoint } from '../gpu-backend/checkpoint/checkpoint.ts';
import { openBarkModels } from '../gpu-backend/models/bark-models.ts';
import { joinFrames, joinWaveforms } from '../gpu-backend/pipeline/codec.ts';
import type { BarkModels } from '../gpu-backend/pipeline/models.ts';
import { philoxRandomness } from '../gpu-backend/pipeline/randomness.ts';
import { synthesize } from '../gpu-backend/pipeline/synthesize.ts';
import { joinJumps, logMelDistance } from './support/sound.ts';
import { percentile } from './support/percentile.ts';

const MODES: readonly LatencyMode[] = ['exact', 'balanced', 'fast'];
const SENTENCES = [
  'Hello, my dog is cute.',
  'Your order will arrive on Tuesday before noon.',
  'Please hold the line while I look up your account.',
  'The train to the airport leaves from platform nine in seven minutes.',
  'It was a bright cold day in April, and the clocks were striking thirteen.',
];

interface Take {
  readonly audio: Waveform;
  readonly codes: FineCodes;
  /** Where a chunk begins, in samples. */
  readonly joins: readonly number[];
  readonly firstAudioMs: number;
  readonly totalMs: number;
}

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'models/bark-nano' },
    voice: { type: 'string' },
    threads: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});

const checkpoint = await openCheckpoint(values.model);
const { generation } = checkpoint;
const models = await openBarkModels(checkpoint, { threads: Number(values.threads) });
await checkpoint.tensors.close();
const tokenizer = WordPiece.fromVocabulary(await readFile(join(values.model, 'vocab.txt'), 'utf8'));
const voice = await readVoice(values.voice);

async function readVoice(name: string | undefined): Promise<Voice> {
  const index: unknown = JSON.parse(
    await readFile(join(values.model, 'speaker_embeddings_path.json'), 'utf8'),
  );
  const names = Object.keys(index ?? {}).filter((key) => key !== 'repo_or_path');
  const chosen = name ?? names[0] ?? '';
  const read = (key: string): Promise<Uint8Array> =>
    readFile(join(values.model, 'speaker_embeddings', `${chosen}_${key}.npy`));
  return readVoiceNpys({
    semantic_prompt: await read('semantic_prompt'),
    coarse_prompt: await read('coarse_prompt'),
    fine_prompt: await read('fine_prompt'),
  });
}

async function speak(text: string, latency: LatencyMode): Promise<Take> {
  const heard: FineCodes[] = [];
  const listening: BarkModels = {
    ...models,
    codec: {
      ...models.codec,
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
  const pieces: Waveform[] = [];
  const joins: number[] = [];
  let at = 0;
  const startMs = performance.now();
  let firstAudioMs = 0;
  const events = synthesize(
    { models: listening, generation, randomness: philoxRandomness, now: () => performance.now() },
    { text: textTokens(tokenizer.encode(text)), voice, options: {}, latency, seed: 7, row: 0 },
    new AbortController().signal,
  );
  for await (const event of events) {
    if (event.type !== 'audio') continue;
    if (pieces.length === 0) firstAudioMs = performance.now() - startMs;
    else joins.push(at);
    pieces.push(event.samples);
    at += event.samples.length;
  }
  const totalMs = performance.now() - startMs;
  const [first, ...rest] = heard;
  if (first === undefined) throw new Error('The model said nothing; choose another seed.');
  return {
    audio: joinWaveforms(pieces),
    codes: rest.reduce((all, piece) => joinFrames(all, piece, generation), first),
    joins,
    firstAudioMs,
    totalMs,
  };
}

/** Share of equal codes in codebooks 2.., where both takes have frames. */
function fineAgreement(a: FineCodes, b: FineCodes): number {
  const books = generation.fine.fineCodebooks;
  const [framesA, framesB] = [a.length / books, b.length / books];
  const frames = Math.min(framesA, framesB);
  let equal = 0;
  for (let book = generation.coarse.coarseCodebooks; book < books; book += 1) {
    for (let t = 0; t < frames; t += 1)
      equal += a[book * framesA + t] === b[book * framesB + t] ? 1 : 0;
  }
  return equal / (frames * (books - generation.coarse.coarseCodebooks));
}

const figures = MODES.map((mode) => ({
  mode,
  firstAudioMs: [] as number[],
  realTimeFactor: [] as number[],
  fineAgreement: [] as number[],
  melDistanceDb: [] as number[],
  worstJoin: 0,
}));
await speak('Warm up.', 'exact');
for (let round = 0; round < Number(values.rounds); round += 1) {
  for (const text of SENTENCES) {
    const takes = new Map<LatencyMode, Take>();
    // the order turns round by round, so that drift of the machine hits all modes alike
    for (const mode of round % 2 === 0 ? MODES : MODES.toReversed())
      takes.set(mode, await speak(text, mode));
    const exact = takes.get('exact');
    for (const figure of figures) {
      const take = takes.get(figure.mode);
      if (take === undefined || exact === undefined) continue;
      figure.firstAudioMs.push(take.firstAudioMs);
      figure.realTimeFactor.push(
        take.totalMs / ((1_000 * take.audio.length) / generation.sampleRate),
      );
      figure.fineAgreement.push(fineAgreement(exact.codes, take.codes));
      figure.melDistanceDb.push(logMelDistance(exact.audio, take.audio, generation.sampleRate));
      figure.worstJoin = Math.max(figure.worstJoin, joinJumps(take.audio, take.joins));
    }
  }
}
await models.release();

const rows = figures.map((figure) => ({
  mode: figure.mode,
  firstAudioMsP50: Math.round(percentile(figure.firstAudioMs, 50)),
  firstAudioMsP95: Math.round(percentile(figure.firstAudioMs, 95)),
  realTimeFactorP50: Number(percentile(figure.realTimeFactor, 50).toFixed(3)),
  realTimeFactorP95: Number(percentile(figure.realTimeFactor, 95).toFixed(3)),
  fineAgreement: Number(percentile(figure.fineAgreement, 50).toFixed(3)),
  melDistanceDb: Number(percentile(figure.melDistanceDb, 50).toFixed(2)),
  worstJoin: Number(figure.worstJoin.toFixed(2)),
}));
const machine = {
  model: values.model,
  threads: Number(values.threads),
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  load: loadavg()[0],
  node: process.version,
};
if (values.json) console.log(JSON.stringify({ machine, rows }, null, 2));
else {
  console.log(machine);
  console.table(rows);
}
