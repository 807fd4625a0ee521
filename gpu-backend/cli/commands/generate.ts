/** `bark generate`: a text to a WAV, and if wanted every stage on the way. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { Command, Option } from '@commander-js/extra-typings';
import { BarkModel } from '../../library/bark-model.ts';
import type { LongProgress } from '../../library/speak-long.ts';
import type { AttentionKind, Device, ModelOptions, Precision } from '../../models/options.ts';
import { BarkProcessor } from '../../processor/processor.ts';
import { shown } from '../../hub/hub-error.ts';
import { CliError, UsageError } from '../cli-error.ts';
import { prepareDumpFolder } from '../generate/dump-folder.ts';
import { generateOptionsOf } from '../generate/speech-options.ts';
import { type SpeechOrder, type SpokenText, writeSpeech } from '../generate/write-speech.ts';
import { openWavOutput } from '../generate/wav-output.ts';
import { folderOf } from '../model-folder.ts';
import { Progress } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { orOff, positiveNumber, wholeNumber } from '../values.ts';
import { languageOf } from '../voices/list-voices.ts';

const TEMPERATURE = positiveNumber(100);
const TOP_K = orOff(wholeNumber(1, 1_000_000));
const TOP_P = orOff(positiveNumber(1));
const PRECISIONS = ['fp32', 'fp16', 'int8', 'int4'] as const satisfies readonly Precision[];
const DEVICES = ['cpu', 'webgpu', 'cuda', 'wasm'] as const satisfies readonly Device[];
const ATTENTIONS = ['plain', 'fused'] as const satisfies readonly AttentionKind[];
const ONE_STAGE = 'One stage alone (wins over the options above):';

export function generateCommand(terminal: Terminal) {
  return new Command('generate')
    .summary('speak a text into a WAV file')
    .description(
      'Speaks a text of any length, sentence by sentence in one voice, and tells how long it took.\n' +
        'A sentence that does not end by itself is tried again, then in parts.\n' +
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
    .option('--threads <n>', 'of the engine (all cores)', wholeNumber(1, 1_024))
    .addOption(
      new Option(
        '--precision <type>',
        'how the weights are held; smaller is lighter and less exact (fp32; int8 where they are stored so)',
      ).choices(PRECISIONS),
    )
    .addOption(
      new Option('--device <name>', 'what computes').choices(DEVICES).default('cpu' as const),
    )
    .addOption(
      new Option(
        '--attention <kind>',
        'plain for fp32 and fused for the others unless given',
      ).choices(ATTENTIONS),
    )
    .option('--offload', 'hold only the stage at work: least memory, slower')
    .optionsGroup('Between sentences:')
    .option(
      '--pause <seconds>',
      'silence, 0.25 unless given; off for none',
      orOff(positiveNumber(10)),
    )
    .option('--no-trim', 'keep the silence before and after each sentence')
    .option('--rolling-history', 'each goes on in the voice of the last: smoother, but it drifts')
    .option('--attempts <n>', 'at a sentence that does not end (3)', wholeNumber(1, 10))
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
  $ bark generate "Hello, my dog is cute" -v v2/en_speaker_0 -o hello.wav
  $ bark generate - -m suno/bark-small -s 7 < story.txt
  $ bark generate "Hello" --greedy --dump stages && ls stages/000
  $ bark generate "Hello" -o - | aplay`,
    )
    .action(async (words, options) => {
      const text = await readText(words, terminal);
      const progress = new Progress(terminal);
      const folder = folderOf(options.model, terminal);
      const { precision, device, attention, seed } = options;
      if (attention === 'plain' && (precision ?? 'fp32') !== 'fp32') {
        throw new UsageError('Plain attention exists in fp32 alone; leave --attention out.');
      }
      const processor = await BarkProcessor.fromPretrained(folder);
      const voice = options.voice === undefined ? null : await voiceNamed(options.voice, processor);
      if (options.dump !== undefined) await prepareDumpFolder(options.dump);
      const language = options.language ?? (voice === null ? null : languageOf(voice.name));
      const choices = generateOptionsOf(options);
      const engine: ModelOptions = {
        threads: options.threads ?? availableParallelism(),
        ...(precision !== undefined && { precision }),
        device,
        ...(attention !== undefined && { attention }),
        offload: options.offload === true,
        onWarning: (message) => progress.note(`note: ${message}`),
      };
      try {
        progress.status(`loading ${folder} ...`);
        const model = await BarkModel.fromPretrained(folder, engine);
        try {
          const facts = {
            model: model.config.name ?? basename(folder),
            seed,
            voice: voice?.name ?? null,
            options: choices,
            sampleRate: model.sampleRate,
          };
          await speakInto(
            options.output,
            { model, processor, progress, terminal },
            {
              text,
              options: {
                ...choices,
                ...(language !== null && { language }),
                pauseSeconds: options.pause === 'off' ? 0 : options.pause,
                trimSilence: options.trim,
                rollingHistory: options.rollingHistory,
                attempts: options.attempts,
                voicePreset: voice?.prompts ?? null,
                seed,
                signal: terminal.signal,
                onProgress: stageLine(progress),
              },
              dump: options.dump === undefined ? null : { folder: options.dump, facts },
            },
          );
        } finally {
          await model.release();
        }
      } finally {
        progress.clear();
      }
    });
}

interface Workshop {
  readonly model: BarkModel;
  readonly processor: BarkProcessor;
  readonly progress: Progress;
  readonly terminal: Terminal;
}

async function speakInto(
  target: string,
  { model, processor, progress, terminal }: Workshop,
  order: SpeechOrder,
): Promise<void> {
  const output = await openWavOutput(target, model.sampleRate, terminal);
  try {
    const spoken = await writeSpeech(
      {
        model,
        processor,
        write: (pcm) => output.write(pcm),
        onNote: (sentence) => progress.note(`note: ${sentence}`),
        now: terminal.now,
      },
      order,
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

async function voiceNamed(name: string, processor: BarkProcessor) {
  const isFile = existsSync(name) || existsSync(`${name}.npz`);
  if (!isFile && !processor.availableVoicePresets.includes(name)) {
    throw new CliError(
      `There is no voice ${shown(name)}; \`bark voices\` lists those of the checkpoint, and the path of an .npz file is one too.`,
    );
  }
  return { name, prompts: await processor.loadVoicePreset(name) };
}

/** One line that tells how far every stage of the sentence is. */
function stageLine(progress: Progress): (at: LongProgress) => void {
  const steps = new Map<string, number>();
  let current = -1;
  return ({ sentence, sentences, stage, step }) => {
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
