/** A sentence in the voice of a preset, saved as a WAV file. */
import { join } from 'node:path';
import { BarkModel, BarkProcessor, saveWav } from '../gpu-backend/library/bark.ts';
import { print, settingOf, type Setting } from './setting.ts';

export async function main({ folder, voicePreset, out, options }: Setting): Promise<void> {
  const processor = await BarkProcessor.fromPretrained(folder);
  const model = await BarkModel.fromPretrained(folder);
  const inputs = await processor.process('Hello, my dog is cute', { voicePreset });
  const { audio, sampleRate, seed } = await model.generate(inputs, options);
  const [samples = new Float32Array(0)] = audio;
  await saveWav(join(out, 'simple.wav'), samples, sampleRate);
  print(`simple.wav: ${(samples.length / sampleRate).toFixed(2)} s, seed ${seed}`);
  await model.release();
}

if (import.meta.main) await main(settingOf(process.argv.slice(2)));
