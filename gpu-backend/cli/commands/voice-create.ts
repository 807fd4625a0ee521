/** `bark voice create`: a voice of a recording, or of what Bark once said. */
import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { FINE_CODEBOOKS } from '#shared/bark/constants.ts';
import { saveVoiceNpz } from '../../voices/save-voice.ts';
import { UsageError } from '../cli-error.ts';
import { folderOf } from '../model-folder.ts';
import { Progress } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { wholeNumber } from '../values.ts';
import { readTake, voiceOfRecording } from '../voices/create-voice.ts';

export function voiceCommand(terminal: Terminal) {
  return new Command('voice')
    .summary('make voices: bark voice create')
    .description('Makes voices of recordings and of what Bark said.')
    .addCommand(createCommand(terminal))
    .addHelpText(
      'after',
      `
Examples:
  $ bark voice create me.wav --text "Exactly what I said there." -o me.npz`,
    );
}

function createCommand(terminal: Terminal) {
  return new Command('create')
    .summary('make a voice of a recording or of a take')
    .description(
      "Makes a voice, an .npz file that transformers and suno's code load too. Of a recording it needs\n" +
        'exactly the words that are said there: the sound is encoded, the words are read by the model.\n' +
        'Of a take (a sentence of `bark generate --dump`, or an .npz file) it takes what is there.',
    )
    .argument('<source>', 'a WAV file, the folder of a dumped sentence, or an .npz file')
    .requiredOption('-o, --output <file>', 'the .npz file to write')
    .option('-t, --text <words>', 'what is said in the recording')
    .option('-m, --model <model>', 'whose encoder is used (else BARK_MODEL)')
    .option(
      '-s, --seed <n>',
      'another number reads the words another way',
      wholeNumber(0, Number.MAX_SAFE_INTEGER),
      0,
    )
    .addHelpText(
      'after',
      `
Record 5 to 12 seconds of one or two whole sentences, without noise; ask whose voice it is.

Examples:
  $ bark voice create me.wav --text "Exactly what I said there." -m suno/bark-small -o me.npz
  $ bark generate "Hello" --dump takes && bark voice create takes/000 -o hello.npz
  $ bark generate "And again" -v hello.npz`,
    )
    .action(async (source, { output, text, model, seed }) => {
      const progress = new Progress(terminal);
      const isRecording = /\.wave?$/i.test(source);
      if (isRecording && text === undefined) {
        throw new UsageError('What is said in the recording? Give exactly its words with --text.');
      }
      if (!isRecording && text !== undefined) {
        throw new UsageError(`--text is for recordings (.wav); ${source} is none.`);
      }
      try {
        const voice = isRecording
          ? await voiceOfRecording(
              {
                recording: source,
                transcript: text ?? '',
                modelFolder: folderOf(model, terminal),
                seed,
                threads: availableParallelism(),
                onStep: (tokens) =>
                  progress.status(`reading the words:  ${tokens} semantic tokens`),
              },
              terminal.signal,
            )
          : await readTake(source);
        await writeWhole(output, saveVoiceNpz(voice));
        const frames = voice.finePrompt.length / FINE_CODEBOOKS;
        progress.note(
          `${output}: ${voice.semanticPrompt.length} semantic tokens, ${frames} frames, ${(frames / 75).toFixed(1)} s`,
        );
      } finally {
        progress.clear();
      }
    });
}

/** The file is there whole or not at all. */
async function writeWhole(target: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(dirname(target), `.${randomUUID()}.partial`);
  try {
    await writeFile(temporary, bytes, { flag: 'wx' });
    await rename(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
}
