/** A text of any length in one voice, with the times of its sentences; Ctrl-C stops it. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { BarkModel, BarkProcessor, encodeWav, speakLong } from '../gpu-backend/library/bark.ts';
import { print, settingOf, type Setting } from './setting.ts';

const TEXT = `Hey, have you heard about this new text-to-audio model called "Bark"? Apparently, it's the most
realistic and natural-sounding one that there is. I think it is about 3.5 times as good as the last one!`;

export async function main({ folder, voicePreset, out, options }: Setting): Promise<void> {
  const processor = await BarkProcessor.fromPretrained(folder);
  const model = await BarkModel.fromPretrained(folder);
  const stop = new AbortController();
  const interrupt = (): void => stop.abort(new Error('Interrupted.'));
  process.once('SIGINT', interrupt);
  const seconds = (samples: number): string => (samples / model.sampleRate).toFixed(2);

  const file = createWriteStream(join(out, 'long-text.pcm'));
  const sentences = speakLong(model, processor, TEXT, {
    ...options,
    voicePreset,
    language: 'en',
    minEosP: 0.05,
    signal: stop.signal,
  });
  for await (const { text, audio, startSample, endSample, outcome } of sentences) {
    // the bytes after the header are the samples
    file.write(encodeWav(audio, model.sampleRate).subarray(44));
    print(`${seconds(startSample)}..${seconds(endSample)} s, ${outcome}: ${text}`);
  }
  file.end();
  await once(file, 'finish');
  process.off('SIGINT', interrupt);
  await model.release();
}

if (import.meta.main) await main(settingOf(process.argv.slice(2)));
