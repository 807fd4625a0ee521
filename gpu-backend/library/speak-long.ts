/** A text of any length in one voice, sentence by sentence (reference: section 7.7). */
import type { Waveform } from '#shared/bark/shapes.ts';
import { waveform } from '#shared/bark/shapes.ts';
import type { Voice } from '#shared/bark/voice.ts';
import { fitSentences, splitSentences } from '#shared/text/sentences.ts';
import type { BatchProgress } from '../pipeline/generate.ts';
import { afterPause, placesOf, trimSilence } from '../pipeline/long-form.ts';
import type { BarkProcessor, VoicePreset } from '../processor/processor.ts';
import { BarkError } from './bark-error.ts';
import type { BarkModel, Take } from './bark-model.ts';
import { randomSeed, type GenerateOptions } from './generate-options.ts';

/** Where a long text stands. */
export interface LongProgress extends BatchProgress {
  /** Which sentence, from 0; `row` is always 0. */
  readonly sentence: number;
  /** How many there are. */
  readonly sentences: number;
}

/** What `speakLong` takes beside its text; the options of `generate` hold for every sentence. */
export interface SpeakLongOptions extends Omit<
  GenerateOptions,
  | 'returnOutputLengths'
  | 'rowIndependentFine'
  | 'outputFull'
  | 'firstRow'
  | 'historyPrompt'
  | 'onProgress'
> {
  /** The voice, as the processor takes it. Without one the first sentence's take is the voice of all that follow. */
  readonly voicePreset?: VoicePreset | null | undefined;
  /** BCP 47 tag that decides which abbreviations and ordinals are known; those of all 13 languages unless told. */
  readonly language?: string | undefined;
  /** Silence between sentences in seconds, 0..10; 0.25 unless told. */
  readonly pauseSeconds?: number | undefined;
  /** Whether silence around a sentence is cut: all but 0.05 s before the first and after the last sample above -48 dB. True unless told. */
  readonly trimSilence?: boolean | undefined;
  /** Whether each sentence's voice is what was said just before: smoother, but it drifts (reference: section 9, 21). False unless told. */
  readonly rollingHistory?: boolean | undefined;
  /** How often a sentence is tried that comes out empty or does not end by itself, 1..10; 3 unless told. Greedy tries once. */
  readonly attempts?: number | undefined;
  /** Told after every step. */
  readonly onProgress?: ((progress: LongProgress) => void) | undefined;
}

/** One sentence, spoken. The `audio` of all sentences one after another is the whole recording. */
export interface SpokenSentence {
  /** Which sentence, from 0. */
  readonly index: number;
  /** What was to be said. */
  readonly text: string;
  /** Where the sentence begins in the text, in code units. */
  readonly from: number;
  /** Where it ends in the text, exclusive, in code units. */
  readonly to: number;
  /** The pause before it, unless nothing was heard yet, and the sentence, at the model's sample rate; nothing for a silent one. */
  readonly audio: Waveform;
  /** Where the sentence begins in the whole recording, its pause not included, in samples. */
  readonly startSample: number;
  /** Where it ends in the whole recording, exclusive, in samples. */
  readonly endSample: number;
  /** `spoken`; `cut` when no attempt ended by itself, so that words may be missing; `silent` when none said anything. */
  readonly outcome: 'spoken' | 'cut' | 'silent';
  /** Attempts that were made; 0 for a sentence without anything that the vocabulary knows. */
  readonly attempts: number;
  /** The seed of the whole text. */
  readonly seed: number;
}

/** Draws of another attempt are those of a row that no sentence has. */
const ROWS_AN_ATTEMPT = 2 ** 24;
const PAUSE_MAX_SECONDS = 10;
const ATTEMPTS_MAX = 10;

/**
 * Speaks a text and yields every sentence of it as it is done: none is dropped, and one that stays silent or is cut
 * says so. A text without anything but white space has none. Throws BarkError for options that do not fit,
 * ProcessorError for the voice, and the signal's reason when aborted. Reference: section 7.7.
 */
export async function* speakLong(
  model: BarkModel,
  processor: BarkProcessor,
  text: string,
  options: SpeakLongOptions = {},
): AsyncGenerator<SpokenSentence, void, undefined> {
  const {
    voicePreset = null,
    language,
    pauseSeconds = 0.25,
    trimSilence: isTrimmed = true,
    rollingHistory = false,
    attempts = 3,
    onProgress,
    ...choices
  } = options;
  assertWithin('pauseSeconds', pauseSeconds, 0, PAUSE_MAX_SECONDS);
  assertWithin('attempts', attempts, 1, ATTEMPTS_MAX);
  const sentences = sentencesOf(text, language, model, processor);
  const places = placesOf(text, sentences);
  const seed = choices.seed ?? randomSeed();
  const isSampled =
    choices.semanticDoSample ?? choices.doSample ?? model.generationConfig.semantic.doSample;

  let voice = voicePreset === null ? null : await processor.loadVoicePreset(voicePreset);
  let heardSamples = 0;
  for (const [index, sentence] of sentences.entries()) {
    const spoken = await speakSentence({
      attempts: isSampled ? attempts : 1,
      speak: (attempt) =>
        takeOf(model, processor, sentence, {
          ...choices,
          seed,
          historyPrompt: voice,
          firstRow: index + attempt * ROWS_AN_ATTEMPT,
          onProgress: (progress) =>
            onProgress?.({ ...progress, sentence: index, sentences: sentences.length }),
        }),
    });
    const { take, outcome } = spoken;
    if (rollingHistory || voice === null) voice = take?.voice ?? voice;
    const samples = take?.audio ?? waveform(new Float32Array(0));
    const said = isTrimmed ? trimSilence(samples, model.sampleRate) : samples;
    const pause =
      heardSamples === 0 || said.length === 0 ? 0 : Math.round(pauseSeconds * model.sampleRate);
    const startSample = heardSamples + pause;
    heardSamples = startSample + said.length;
    yield {
      index,
      text: sentence,
      from: places[index]?.from ?? 0,
      to: places[index]?.to ?? 0,
      audio: afterPause(said, pause),
      startSample,
      endSample: heardSamples,
      outcome,
      attempts: spoken.attempts,
      seed,
    };
  }
}

type Heard = Pick<Take, 'isComplete'> & {
  readonly voice: Voice | null;
  readonly audio: Waveform;
};

interface Sentence {
  readonly take: Heard | null;
  readonly outcome: SpokenSentence['outcome'];
  readonly attempts: number;
}

/** Tries until a take says something and ends by itself; the longest that was cut is better than none. */
async function speakSentence(tools: {
  readonly attempts: number;
  readonly speak: (attempt: number) => Promise<Heard | null>;
}): Promise<Sentence> {
  let best: Heard | null = null;
  for (let attempt = 0; attempt < tools.attempts; attempt += 1) {
    const take = await tools.speak(attempt);
    if (take === null) return { take, outcome: 'silent', attempts: 0 };
    if (take.audio.length === 0) continue;
    if (take.isComplete) return { take, outcome: 'spoken', attempts: attempt + 1 };
    if (best === null || take.audio.length > best.audio.length) best = take;
  }
  return { take: best, outcome: best === null ? 'silent' : 'cut', attempts: tools.attempts };
}

/** One attempt; null for a sentence of which the tokenizer leaves nothing. */
async function takeOf(
  model: BarkModel,
  processor: BarkProcessor,
  sentence: string,
  options: GenerateOptions,
): Promise<Heard | null> {
  const inputs = processor.encode(sentence);
  if (!inputs.attentionMask?.some((mask) => mask.includes(1))) return null;
  const { audio, takes } = await model.generate(inputs, { ...options, outputFull: true });
  const [samples] = audio;
  const [take] = takes ?? [];
  if (samples === undefined || take === undefined) throw new TypeError('The model gave no row.');
  return { audio: samples, isComplete: take.isComplete, voice: take.voice };
}

function sentencesOf(
  text: string,
  language: string | undefined,
  model: BarkModel,
  processor: BarkProcessor,
): string[] {
  const split = splitSentences(text, language === undefined ? {} : { language });
  const tokens = (part: string): number =>
    processor.encode(part, { padding: 'do_not_pad' }).inputIds[0]?.length ?? 0;
  return fitSentences(split, tokens, model.generationConfig.semantic.maxInputSemanticLength);
}

function assertWithin(name: string, value: number, min: number, max: number): void {
  const isFine = value >= min && value <= max && (name !== 'attempts' || Number.isInteger(value));
  if (!isFine) throw new BarkError(`${name} must lie in ${min}..${max}; it is ${value}.`, null);
}
