/** What was said becomes the voice of what is said next, and a file that transformers and suno's code load. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BarkModel,
  BarkProcessor,
  readVoiceNpz,
  saveVoiceNpz,
  saveWav,
} from '../gpu-backend/library/bark.ts';
import { print, settingOf, type Setting } from './setting.ts';

export async function main({ folder, out, options }: Setting): Promise<void> {
  const processor = await BarkProcessor.fromPretrained(folder);
  const model = await BarkModel.fromPretrained(folder);
  const first = await model.generate(await processor.process('A voice that nobody had before.'), {
    ...options,
    outputFull: true,
  });
  const voice = first.takes?.[0]?.voice;
  if (!voice) throw new Error('Nothing was said; another seed may say something.');
  await writeFile(join(out, 'my-voice.npz'), saveVoiceNpz(voice));

  const historyPrompt = readVoiceNpz(await readFile(join(out, 'my-voice.npz')));
  const inputs = await processor.process('And now it says something else.');
  const { audio, sampleRate } = await model.generate(inputs, { ...options, historyPrompt });
  await saveWav(join(out, 'my-voice.wav'), audio[0] ?? new Float32Array(0), sampleRate);
  print('my-voice.npz, my-voice.wav');
  await model.release();
}

if (import.meta.main) await main(settingOf(process.argv.slice(2)));
