/** A text to PCM: each sentence is written as it is done, and, where wanted, every stage of it. */
import { encodePcm } from '../../server/pcm.ts';
import type { BarkModel } from '../../library/bark-model.ts';
import { speakLong, type SpeakLongOptions, type SpokenSentence } from '../../library/speak-long.ts';
import type { BarkProcessor } from '../../processor/processor.ts';
import { CliError } from '../cli-error.ts';
import { dumpTake } from './dump-folder.ts';

export interface SpeechOrder {
  readonly text: string;
  readonly options: SpeakLongOptions;
  /** Where every stage is written to, and what is told of all takes; null does not. */
  readonly dump: {
    readonly folder: string;
    readonly facts: Readonly<Record<string, unknown>>;
  } | null;
}

export interface SpeechTools {
  readonly model: BarkModel;
  readonly processor: BarkProcessor;
  readonly write: (pcm: Uint8Array) => Promise<void>;
  readonly onNote: (sentence: string) => void;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

export interface SpokenText {
  readonly sentences: number;
  readonly audioSeconds: number;
  /** Null where nothing could be heard. */
  readonly firstAudioMs: number | null;
  readonly totalMs: number;
}

/** Speaks; throws CliError where the text holds nothing to say. */
export async function writeSpeech(
  { model, processor, write, onNote, now }: SpeechTools,
  { text, options, dump }: SpeechOrder,
): Promise<SpokenText> {
  const beganMs = now();
  const limit = options.semanticMaxNewTokens ?? model.generationConfig.semantic.maxNewTokens;
  let samples = 0;
  let firstAudioMs: number | null = null;
  let tried = 0;
  let sentences = 0;
  const spoken = speakLong(model, processor, text, { ...options, outputFull: dump !== null });
  for await (const sentence of spoken) {
    const { audio, attempts, takes } = sentence;
    sentences += attempts > 0 ? 1 : 0;
    tried += attempts;
    if (audio.length > 0) {
      firstAudioMs ??= now() - beganMs;
      samples += audio.length;
      await write(encodePcm(audio));
    }
    if (dump !== null) {
      for (const [part, take] of (takes ?? []).entries()) {
        const [ids = new Int32Array(0)] = processor.encode(take.text, {
          padding: 'do_not_pad',
        }).inputIds;
        const name = [sentence.index, ...(takes?.length === 1 ? [] : [part])];
        await dumpTake(dump.folder, name, { ...take, ids }, { ...dump.facts, row: sentence.index });
      }
    }
    if (attempts > 0 && sentence.outcome !== 'spoken') onNote(noteOf(sentence, limit));
  }
  if (tried === 0) {
    throw new CliError('The text holds nothing that can be spoken; give letters or digits.');
  }
  return {
    sentences,
    audioSeconds: samples / model.sampleRate,
    firstAudioMs,
    totalMs: now() - beganMs,
  };
}

function noteOf({ index, outcome, attempts }: SpokenSentence, limit: number): string {
  const tries = attempts === 1 ? '' : ` in ${attempts} attempts`;
  return outcome === 'silent'
    ? `Sentence ${index + 1} stayed silent${tries}; another --seed may say it.`
    : `Sentence ${index + 1} met the limit of ${limit} semantic tokens${tries} and may be cut short; another --seed may end it.`;
}
