/** What a text can make of it: other languages, songs, laughter, hesitation, emphasis. */
import { join } from 'node:path';
import { BarkModel, BarkProcessor, saveWav } from '../gpu-backend/library/bark.ts';
import { print, settingOf, type Setting } from './setting.ts';

const TEXTS: Readonly<Record<string, string>> = {
  // the language is that of the text; with a preset of another one it has an accent
  chinese: '惊人的！我会说中文',
  french: 'Incroyable! Je peux générer du son.',
  song: '♪ Hello, my dog is cute ♪',
  cues: 'Hello uh ... [clears throat], my dog is cute [laughter]',
  emphasis: 'My dog is REALLY cute — is he not?',
};

export async function main({ folder, voicePreset, out, options }: Setting): Promise<void> {
  const processor = await BarkProcessor.fromPretrained(folder);
  const model = await BarkModel.fromPretrained(folder);
  for (const [name, text] of Object.entries(TEXTS)) {
    const inputs = await processor.process(text, { voicePreset });
    const { audio, sampleRate } = await model.generate(inputs, options);
    const [samples = new Float32Array(0)] = audio;
    await saveWav(join(out, `${name}.wav`), samples, sampleRate);
    print(`${name}.wav: ${text}`);
  }
  await model.release();
}

if (import.meta.main) await main(settingOf(process.argv.slice(2)));
