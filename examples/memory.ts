/** Less memory, more speed: half precision, rounded weights, fused attention, one stage at a time, and all together. */
import { BarkModel, BarkProcessor, type BarkModelOptions } from '../gpu-backend/library/bark.ts';
import { print, settingOf, type Setting } from './setting.ts';

const WAYS: Readonly<Record<string, BarkModelOptions>> = {
  'full precision': {},
  'half precision': { precision: 'fp16' },
  'fused attention': { attention: 'fused' },
  'offload: only the stage at work is held': { offload: true },
  'eight bits a weight, offload': { precision: 'int8', offload: true },
};

export async function main({ folder, voicePreset, options }: Setting): Promise<void> {
  const processor = await BarkProcessor.fromPretrained(folder);
  const inputs = await processor.process('Hello, my dog is cute', { voicePreset });
  for (const [name, way] of Object.entries(WAYS)) {
    const model = await BarkModel.fromPretrained(folder, way);
    const startMs = performance.now();
    const { audio, sampleRate } = await model.generate(inputs, { seed: 1, ...options });
    const seconds = (audio[0]?.length ?? 0) / sampleRate;
    print(`${name}: ${seconds.toFixed(2)} s in ${Math.round(performance.now() - startMs)} ms`);
    await model.release();
  }
}

if (import.meta.main) await main(settingOf(process.argv.slice(2)));
