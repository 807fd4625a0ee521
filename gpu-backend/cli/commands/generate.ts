/** `bark generate`: a text to a WAV, and if wanted every stage on the way. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { text as readAll } from 'node:stream/consumers';
import { Command, Option } from '@commander-js/extra-typings';
import { type Checkpoint, openCheckpoint } from '../../checkpoint/checkpoint.ts';
import { type LoadedModels, openBarkModels } from '../../models/bark-models.ts';
import type { AttentionKind, ModelOptions, Precision } from '../../models/options.ts';
import { BarkProcessor } from '../../processor/processor.ts';
import { readTokenizer } from '../../processor/tokenizer-files.ts';
import { shown } from '../../hub/hub-error.ts';
import { CliError, UsageError } from '../cli-error.ts';
import { prepareDumpFolder } from '../generate/dump-folder.ts';
import {
  speakText,
  type SpeechOrder,
  type SpeechTools,
  type SpokenText,
} from '../generate/speak-text.ts';
import { speechOptionsOf } from '../generate/speech-options.ts';
import { openWavOutput } from '../generate/wav-output.ts';
import { folderOf } from '../model-folder.ts';
import { Progress } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { orOff, positiveNumber, wholeNumber } from '../values.ts';
import { languageOf } from '../voices/list-voices.ts';

const TEMPERATURE = positiveNumber(100);
const TOP_K = orOff(wholeNumber(1, 1_000_000));
const TOP_P = orOff(positiveNumber(1));
const LATENCIES = ['exact', 'balanced', 'fast'] as const;
const PRECISIONS = ['fp32', 'fp16', 'int8', 'int4'] as const satisfies readonly Precision[];
const ATTENTIONS = ['plain', 'fused'] as const satisfies readonly AttentionKind[];
const ONE_STAGE = 'One stage alone (wins over the options above):';

export function generateCommand(terminal: Terminal) {
  return new Command('generate')
    .summary('speak a text into a WAV file')
    .description(
      'Speaks a text of any length, sentence by sentence in one voice, and tells how long it took.\n' +
        "Options that are not given are those of the checkpoint's generation_config.json.",
    )
    .argument('[text...]', 'what to say; - or nothing reads standard input')
    .option(
      '-m, --model <model>',
      'a folder, or the id of a repository that was pulled (else BARK_MODEL)',
    )
    .option(
      '-v, --voice <name>',
      'a voice of the checkpoint, or the path of an .npz file; `bark voices` lists them',
    )
    .option('-o, --output <file>', 'where the WAV goes; - is standard output', 'speech.wav')
    .option(
      '-s, --seed <n>',
      'the same number gives the same take',
      wholeNumber(0, Number.MAX_SAFE_INTEGER),
      0,
    )
    .option('--language <code>', "the text's language, for its abbreviations (else the voice's)")
    .option(
      '--dump <folder>',
      'also write what every stage made, as .npy files, a folder a sentence',
    )
    .addOption(
      new Option(
        '--latency <mode>',
        'exact follows the reference to the sample; the others speak earlier',
      )
        .choices(LATENCIES)
        .default('exact' as const),
    )
    .option('--threads <n>', 'of the engine (all cores)', wholeNumber(1, 1_024))
    .addOption(
      new Option(
        '--precision <type>',
        'how the weights are held; smaller is lighter and less exact',
      )
        .choices(PRECISIONS)
        .default('fp32' as const),
    )
    .addOption(
      new Option(
        '--attention <kind>',
        'plain for fp32 and fused for the others unless given',
      ).choices(ATTENTIONS),
    )
    .option('--offload', 'hold only the stage at work: least memory, slower')
    .optionsGroup('Sampling of all stages:')
    .option('--temperature <t>', 'below 1 is steadier, above is livelier', TEMPERATURE)
    .option('--top-k <k>', 'draw from the k likeliest; off for all', TOP_K)
    .option(
      '--top-p <p>',
      'draw from the likeliest that reach this probability; off for all',
      TOP_P,
    )
    .option('--greedy', 'always take the likeliest')
    .option(
      '--max-new-tokens <n>',
      'most semantic tokens of a sentence, 49.9 a second',
      wholeNumber(1, 16_384),
    )
    .option('--min-new-tokens <n>', 'fewest semantic tokens of a sentence', wholeNumber(0, 16_384))
    .option(
      '--min-eos-p <p>',
      'end once the end is likelier than this; off never does',
      orOff(positiveNumber(1)),
    )
    .optionsGroup(ONE_STAGE)
    .option('--semantic-temperature <t>', 'what is said and how', TEMPERATURE)
    .option('--semantic-top-k <k>', 'as --top-k, for what is said', TOP_K)
    .option('--semantic-top-p <p>', 'as --top-p, for what is said', TOP_P)
    .option('--semantic-greedy', 'as --greedy, for what is said')
    .option('--coarse-temperature <t>', 'the rough sound', TEMPERATURE)
    .option('--coarse-top-k <k>', 'as --top-k, for the rough sound', TOP_K)
    .option('--coarse-top-p <p>', 'as --top-p, for the rough sound', TOP_P)
    .option('--coarse-greedy', 'as --greedy, for the rough sound')
    .option('--fine-temperature <t>', 'the fine sound; 1 takes the likeliest', TEMPERATURE)
    .addHelpText(
      'after',
      `
Examples:
  $ bark generate "Hello, my dog is cute" -v v2/en_speaker_6 -o hello.wav
  $ bark generate - -m suno/bark-small -s 7 < story.txt
  $ bark generate "Hello" --greedy --dump stages && ls stages/000
  $ bark generate "Hello" -o - | aplay`,
    )
    .action(async (words, options) => {
      const text = await readText(words, terminal);
      const progress = new Progress(terminal);
      const folder = folderOf(options.model, terminal);
      const { wordPiece: tokenizer } = await readTokenizer(folder);
      const voice = options.voice === undefined ? null : await voiceNamed(options.voice, folder);
      if (options.dump !== undefined) await prepareDumpFolder(options.dump);
      const order: SpeechOrder = {
        text,
        language: options.language ?? (voice === null ? null : languageOf(voice.name)),
        voice,
        options: speechOptionsOf(options),
        latency: options.latency,
        seed: options.seed,
        dumpFolder: options.dump ?? null,
      };
      const { precision, attention } = options;
      if (attention === 'plain' && precision !== 'fp32') {
        throw new UsageError('Plain attention exists in fp32 alone; leave --attention out.');
      }
      const engine: ModelOptions = {
        threads: options.threads ?? availableParallelism(),
        precision,
        ...(attention !== undefined && { attention }),
        offload: options.offload === true,
        onWarning: (message) => progress.note(`note: ${message}`),
      };
      try {
        await withModels(folder, engine, progress, async (checkpoint, models) => {
          await speakInto(
            options.output,
            { checkpoint, models, tokenizer, progress, terminal },
            order,
          );
        });
      } finally {
        progress.clear();
      }
    });
}

/** Opens a checkpoint for as long as `use` takes. */
async function withModels(
  folder: string,
  engine: ModelOptions,
  progress: Progress,
  use: (checkpoint: Checkpoint, models: LoadedModels) => Promise<void>,
): Promise<void> {
  const checkpoint = await openCheckpoint(folder);
  try {
    progress.status(`loading ${checkpoint.model} ...`);
    const models = await openBarkModels(checkpoint, engine);
    try {
      await use(checkpoint, models);
    } finally {
      await models.release();
    }
  } finally {
    await checkpoint.tensors.close();
  }
}

interface Workshop extends Pick<SpeechTools, 'checkpoint' | 'models' | 'tokenizer'> {
  readonly progress: Progress;
  readonly terminal: Terminal;
}

async function speakInto(
  target: string,
  { progress, terminal, ...tools }: Workshop,
  order: SpeechOrder,
): Promise<void> {
  const { sampleRate } = tools.checkpoint.generation;
  const output = await openWavOutput(target, sampleRate, terminal);
  try {
    const spoken = await speakText(
      {
        ...tools,
        write: (pcm) => output.write(pcm),
        onStep: stageLine(progress),
        onNote: (sentence) => progress.note(`note: ${sentence}`),
        now: terminal.now,
      },
      order,
      terminal.signal,
    );
    await output.finish();
    progress.note(summary(target, spoken));
  } finally {
    await output.close();
  }
}

async function readText(words: readonly string[], terminal: Terminal): Promise<string> {
  const isPiped = words.length === 0 && !terminal.isStdinTerminal;
  if (isPiped || (words.length === 1 && words[0] === '-')) return await readAll(terminal.stdin);
  if (words.length > 0) return words.join(' ');
  throw new UsageError('Say what? Give a text, or - to read it from standard input.');
}

async function voiceNamed(name: string, folder: string) {
  const processor = await BarkProcessor.fromPretrained(folder);
  const isFile = existsSync(name) || existsSync(`${name}.npz`);
  if (!isFile && !processor.availableVoicePresets.includes(name)) {
    throw new CliError(
      `There is no voice ${shown(name)}; \`bark voices\` lists those of the checkpoint, and the path of an .npz file is one too.`,
    );
  }
  return { name, prompts: await processor.loadVoicePreset(name) };
}

/** One line that tells how far every stage of the sentence is. */
function stageLine(progress: Progress) {
  const steps = new Map<string, number>();
  let current = -1;
  return (sentence: number, sentences: number, stage: string, step: number): void => {
    if (sentence !== current) steps.clear();
    current = sentence;
    steps.set(stage, Math.floor(step));
    const stages = Array.from(steps, ([name, count]) => `${name} ${count}`).join('  ');
    progress.status(`sentence ${sentence + 1} of ${sentences}:  ${stages}`);
  };
}

function summary(target: string, spoken: SpokenText): string {
  const seconds = spoken.totalMs / 1_000;
  const first =
    spoken.firstAudioMs === null
      ? 'no audio'
      : `first audio after ${(spoken.firstAudioMs / 1_000).toFixed(2)} s, real-time factor ${(seconds / spoken.audioSeconds).toFixed(2)}`;
  const where = target === '-' ? '' : `${target}: `;
  const count = spoken.sentences === 1 ? '1 sentence' : `${spoken.sentences} sentences`;
  return `${where}${spoken.audioSeconds.toFixed(2)} s of audio, ${count}, in ${seconds.toFixed(2)} s; ${first}`;
}
