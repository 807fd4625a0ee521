/** How much is left to chance: per stage, not at all, and an early end against chatter. */
import { BarkModel, BarkProcessor, type GenerateOptions } from '../gpu-backend/library/bark.ts';
import { print, settingOf, type Setting } from './setting.ts';

const WAYS: Readonly<Record<string, GenerateOptions>> = {
  "the checkpoint's own": {},
  'steadier words, livelier sound': { semanticTemperature: 0.6, coarseTemperature: 0.8 },
  'fewer choices': { topK: 20, topP: 0.95 },
  'an early end': { minEosP: 0.05 },
  // the fine stage goes by its temperature, whatever doSample says
  'no chance at all': { doSample: false, fineTemperature: null },
};

export async function main({ folder, voicePreset, options }: Setting): Promise<void> {
  const processor = await BarkProcessor.fromPretrained(folder);
  const model = await BarkModel.fromPretrained(folder);
  const inputs = await processor.process('Hello, my dog is cute', { voicePreset });
  for (const [name, way] of Object.entries(WAYS)) {
    const { audio, sampleRate } = await model.generate(inputs, { seed: 1, ...options, ...way });
    print(`${name}: ${((audio[0]?.length ?? 0) / sampleRate).toFixed(2)} s`);
  }
  await model.release();
}

if (import.meta.main) await main(settingOf(process.argv.slice(2)));
