/** Several texts in one call; each row is what it would be alone, cut to its own length. */
import { join } from 'node:path';
import { BarkModel, BarkProcessor, saveWav } from '../gpu-backend/library/bark.ts';
import { print, settingOf, type Setting } from './setting.ts';

const TEXTS = [
  "Let's try generating speech, with Bark",
  'Wow, batching is so great!',
  'I love it.',
];

export async function main({ folder, voicePreset, out, options }: Setting): Promise<void> {
  const processor = await BarkProcessor.fromPretrained(folder);
  const model = await BarkModel.fromPretrained(folder);
  const inputs = await processor.process(TEXTS, { voicePreset });
  const { audio, outputLengths, sampleRate } = await model.generate(inputs, {
    ...options,
    returnOutputLengths: true,
  });
  for (const [row, samples] of audio.entries()) {
    const length = outputLengths?.[row] ?? samples.length;
    await saveWav(join(out, `batch-${row}.wav`), samples.subarray(0, length), sampleRate);
    print(`batch-${row}.wav: ${(length / sampleRate).toFixed(2)} s`);
  }
  await model.release();
}

if (import.meta.main) await main(settingOf(process.argv.slice(2)));
