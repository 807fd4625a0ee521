/** The voices of a checkpoint's folder: whose they are and how much they said. */
import { FINE_CODEBOOKS } from '#shared/bark/constants.ts';
import { INDEX_FILE } from '../../processor/processor.ts';
import { ProcessorError } from '../../processor/processor-error.ts';
import { findVoicePresets, loadVoicePreset } from '../../processor/voice-presets.ts';

/** EnCodec's frames a second. */
const FRAME_RATE_HZ = 75;

export interface ListedVoice {
  readonly name: string;
  /** ISO 639-1, null where the name tells none. */
  readonly language: string | null;
  /** Null where the voice can not be used; `fault` then says why. */
  readonly lengths: {
    /** Semantic tokens, 49.9 a second. */
    readonly semanticTokens: number;
    /** Frames of the codec, 75 a second. */
    readonly frames: number;
    readonly seconds: number;
  } | null;
  readonly fault: string | null;
}

/** All voices, by name as people count; each is read whole, so that it is known to be sound. */
export async function listVoices(folder: string, signal: AbortSignal): Promise<ListedVoice[]> {
  const presets = await findVoicePresets(folder, INDEX_FILE);
  const order = new Intl.Collator('en', { numeric: true });
  const voices: ListedVoice[] = [];
  for (const name of [...presets.entries.keys()].toSorted(order.compare)) {
    signal.throwIfAborted();
    const language = languageOf(name);
    try {
      const { semanticPrompt, finePrompt } = await loadVoicePreset(presets, name);
      const frames = finePrompt.length / FINE_CODEBOOKS;
      const seconds = frames / FRAME_RATE_HZ;
      const lengths = { semanticTokens: semanticPrompt.length, frames, seconds };
      voices.push({ name, language, lengths, fault: null });
    } catch (error) {
      if (!(error instanceof ProcessorError)) throw error;
      voices.push({ name, language, lengths: null, fault: error.message });
    }
  }
  return voices;
}

/** What a name such as `v2/en_speaker_6` says of the language. */
export function languageOf(name: string): string | null {
  return /(?:^|\/)([a-z]{2})_speaker_\d+$/.exec(name)?.[1] ?? null;
}

/** `German` for `de`. */
export function languageName(code: string | null): string {
  if (code === null) return '';
  return new Intl.DisplayNames('en', { type: 'language' }).of(code) ?? code;
}
