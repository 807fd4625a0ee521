/** What every example takes from its command line: `node examples/<name>.ts [folder] [voice] [out]`. */
import type { GenerateOptions } from '../gpu-backend/library/bark.ts';

export interface Setting {
  /** A checkpoint's folder. */
  readonly folder: string;
  /** The name of a voice preset. */
  readonly voicePreset: string;
  /** Folder of the files that are written. */
  readonly out: string;
  /** Beside those of the example. */
  readonly options: Pick<GenerateOptions, 'seed' | 'doSample' | 'semanticMaxNewTokens'>;
}

export function settingOf(args: readonly string[]): Setting {
  const [folder = 'models/bark-nano', voicePreset = 'en_speaker_0', out = '.'] = args;
  return { folder, voicePreset, out, options: {} };
}

/** Prints a line. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
