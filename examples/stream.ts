/** Samples as they come, before the sentence is done. */
import { BarkModel, BarkProcessor } from '../gpu-backend/library/bark.ts';
import { print, settingOf, type Setting } from './setting.ts';

export async function main({ folder, voicePreset, options }: Setting): Promise<void> {
  const processor = await BarkProcessor.fromPretrained(folder);
  const model = await BarkModel.fromPretrained(folder);
  const inputs = await processor.process('Hello, my dog is cute', { voicePreset });
  const startMs = performance.now();
  for await (const samples of model.stream(inputs, { ...options, latency: 'balanced' })) {
    print(`${Math.round(performance.now() - startMs)} ms: ${samples.length} samples`);
  }
  await model.release();
}

if (import.meta.main) await main(settingOf(process.argv.slice(2)));
