/** A recording and its words become a voice. The recording is Bark's own here; a WAV file of anybody's does as well. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BarkModel,
  BarkProcessor,
  readWav,
  saveVoiceNpz,
  saveWav,
  voiceFromRecording,
} from '../gpu-backend/library/bark.ts';
import { print, settingOf, type Setting } from './setting.ts';

/** Exactly what is said in the recording. */
const TRANSCRIPT = 'Hello, my dog is cute.';

export async function main({ folder, voicePreset, out, options }: Setting): Promise<void> {
  const processor = await BarkProcessor.fromPretrained(folder);
  const model = await BarkModel.fromPretrained(folder);
  if (!model.hasEncoder) {
    print(`${folder} has no encoder, so it can not hear; suno/bark-small has one.`);
    await model.release();
    return;
  }
  const inputs = await processor.process(TRANSCRIPT, { voicePreset });
  const { audio, sampleRate } = await model.generate(inputs, options);
  const file = join(out, 'me.wav');
  await saveWav(file, audio[0] ?? new Float32Array(0), sampleRate);

  const recording = readWav(await readFile(file));
  const voice = await voiceFromRecording(model, processor, recording.samples, {
    sampleRate: recording.sampleRate,
    transcript: TRANSCRIPT,
    seed: 1,
  });
  await writeFile(join(out, 'me.npz'), saveVoiceNpz(voice));
  print(
    `me.npz, ${voice.semanticPrompt.length} semantic tokens, ${voice.finePrompt.length / 8} frames`,
  );
  await model.release();
}

if (import.meta.main) await main(settingOf(process.argv.slice(2)));
