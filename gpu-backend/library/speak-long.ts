/** A text of any length in one voice, sentence by sentence (reference: section 7.7). */
import { joinWaveforms } from '../pipeline/codec.ts';
import type { Waveform } from '#shared/bark/shapes.ts';
import { waveform } from '#shared/bark/shapes.ts';
import { fitSentences, splitSentences } from '#shared/text/sentences.ts';
import { SENTENCE_MIN_UNITS, speechLength } from '#shared/text/speech-length.ts';
import type { BatchProgress } from '../pipeline/generate.ts';
import { afterPause, placesOf, trimSilence } from '../pipeline/long-form.ts';
import type { BarkProcessor, VoicePreset } from '../processor/processor.ts';
import { assertFunction, assertSwitch, described, fieldsOf, signalOf } from './arguments.ts';
import { BarkError } from './bark-error.ts';
import type { BarkModel } from './bark-model.ts';
import {
  optionLimits,
  randomSeed,
  refuseOptions,
  speechOptions,
  type GenerateOptions,
} from './generate-options.ts';
import { speakSentence, type Heard } from './speak-sentence.ts';
import { assertSpeakers } from './speakers.ts';
import { assertLanguage, assertText } from './split-text.ts';
import type { Take } from './take.ts';

/** Where a long text stands (reference: section 7.7). */
export interface LongProgress extends BatchProgress {
  /** Which sentence, from 0; `row` is always 0. */
  readonly sentence: number;
  /** How many there are. */
  readonly sentences: number;
}

/** What `speakLong` takes beside its text; the options of `generate` hold for every sentence (reference: section 7.7). */
export interface SpeakLongOptions extends Omit<
  GenerateOptions,
  'returnOutputLengths' | 'rowIndependentFine' | 'firstRow' | 'historyPrompt' | 'onProgress'
> {
  /** The voice, as the processor takes it. Without one the first sentence's take is the voice of all that follow. */
  readonly voicePreset?: VoicePreset | null | undefined;
  /** BCP 47 tag that decides which abbreviations and ordinals are known; those of all 13 languages unless told. */
  readonly language?: string | undefined;
  /** Silence between sentences in seconds, 0..10; 0.25 unless told. */
  readonly pauseSeconds?: number | undefined;
  /** Whether silence around a sentence is cut: all but 0.05 s before the first and after the last sample above -48 dB. True unless told. */
  readonly trimSilence?: boolean | undefined;
  /** Whether each sentence's voice is what was said just before: smoother, but it drifts (reference: section 7.7). False unless told. */
  readonly rollingHistory?: boolean | undefined;
  /** How often a sentence, or a half of one, is tried that comes out empty or does not end by itself, 1..10; 3 unless told. Greedy tries once. */
  readonly attempts?: number | undefined;
  /** Told after every step. */
  readonly onProgress?: ((progress: LongProgress) => void) | undefined;
}

/** A sentence, or a part of one that had to be cut, with all that was made of it (reference: section 7.6). */
export interface SpokenTake extends Take {
  /** What was to be said. */
  readonly text: string;
  /** [samples] at the model's rate, not trimmed. */
  readonly audio: Waveform;
}

/** One sentence, spoken (reference: section 7.7). The `audio` of all sentences one after another is the whole recording. */
export interface SpokenSentence {
  /** Which sentence, from 0. */
  readonly index: number;
  /** What was to be said. */
  readonly text: string;
  /** Where the sentence begins in the text, in code units. */
  readonly from: number;
  /** Where it ends in the text, exclusive, in code units. */
  readonly to: number;
  /** [samples] at the model's rate: the pause before it, unless nothing was heard yet, and the sentence; empty for a silent one. */
  readonly audio: Waveform;
  /** Where the sentence begins in the whole recording, its pause not included, in samples. */
  readonly startSample: number;
  /** Where it ends in the whole recording, exclusive, in samples. */
  readonly endSample: number;
  /** `spoken`; `cut` when neither an attempt nor its halves ended by themselves, so that words may be missing; `silent` when none said anything. */
  readonly outcome: 'spoken' | 'cut' | 'silent';
  /** Attempts that were made, those of halves too; 0 for a sentence without anything that the vocabulary knows. */
  readonly attempts: number;
  /** One, or those of its parts where it had to be cut, if `outputFull`; else null. */
  readonly takes: readonly SpokenTake[] | null;
  /** The seed of the whole text, 0..2^53 - 1. */
  readonly seed: number;
}

/** Draws of another attempt are those of a row that no sentence has. */
const ROWS_AN_ATTEMPT = 2 ** 22;
const PAUSE_MAX_SECONDS = 10;
const ATTEMPTS_MAX = 10;
/** About 4 s of speech: what is shorter does not fail to end for its length, and would only be torn apart. */
const HALVED_MIN_UNITS = 4 * SENTENCE_MIN_UNITS;

const REFUSED = {
  returnOutputLengths: 'startSample and endSample of every sentence tell them',
  rowIndependentFine: 'sentences are always computed one by one',
  firstRow: 'sentences have rows of their own; use the seed',
  historyPrompt: 'here it is voicePreset, which may be a voice too',
};

/**
 * Speaks a text and yields every sentence of it as it is done, [samples] each: none is dropped. One that does not end by
 * itself is tried again, then cut at its clauses and spoken in parts; where that does not help it says so, as one that
 * stays silent does. A text without anything but white space has none. Throws BarkError for arguments that do not fit,
 * ProcessorError for the voice, and the signal's reason when aborted. Reference: section 7.7.
 */
export async function* speakLong(
  model: BarkModel,
  processor: BarkProcessor,
  text: string,
  options: SpeakLongOptions = {},
): AsyncGenerator<SpokenSentence, void, undefined> {
  assertSpeakers(model, processor);
  assertText(text);
  const {
    voicePreset = null,
    language,
    pauseSeconds = 0.25,
    trimSilence: isTrimmed = true,
    rollingHistory = false,
    attempts = 3,
    outputFull = false,
    onProgress,
    ...choices
  } = checkedOptions(options, model);
  const seed = choices.seed ?? randomSeed();
  const isSampled =
    choices.semanticDoSample ?? choices.doSample ?? model.generationConfig.semantic.doSample;
  const count = (part: string): number =>
    processor.encode(part, { padding: 'do_not_pad' }).inputIds[0]?.length ?? 0;
  const { maxInputSemanticLength: most, maxNewTokens } = model.generationConfig.semantic;
  const longest = choices.semanticMaxNewTokens ?? maxNewTokens;
  const split = splitSentences(text, language === undefined ? {} : { language });
  const sentences = fitSentences(split, count, most);
  const places = placesOf(text, sentences);

  let voice = voicePreset === null ? null : await processor.loadVoicePreset(voicePreset);
  let heardSamples = 0;
  for (const [index, sentence] of sentences.entries()) {
    const optionsOf = (attempt: number): GenerateOptions => ({
      ...choices,
      seed,
      historyPrompt: voice,
      firstRow: index + attempt * ROWS_AN_ATTEMPT,
      onProgress: (progress) =>
        onProgress?.({ ...progress, sentence: index, sentences: sentences.length }),
    });
    const spoken = await speakSentence(sentence, {
      attempts: isSampled ? attempts : 1,
      speak: (part, attempt) => hear(model, processor, part, optionsOf(attempt)),
      ends: async (part, attempt) => {
        const inputs = processor.encode(part);
        const [tokens] = await model.generateSemantic(inputs, optionsOf(attempt));
        return tokens !== undefined && tokens.length > 0 && tokens.length < longest;
      },
      halve: (part) =>
        speechLength(part) < HALVED_MIN_UNITS
          ? [part]
          : fitSentences([part], count, Math.ceil(count(part) / 2)),
      keep: ({ take }) => {
        if (rollingHistory || voice === null) voice = take.voice ?? voice;
      },
    });
    const said = joinWaveforms(
      spoken.heard.map(({ audio }) => (isTrimmed ? trimSilence(audio, model.sampleRate) : audio)),
    );
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
      outcome: spoken.outcome,
      attempts: spoken.attempts,
      takes: outputFull ? spoken.heard.map(({ take, ...of }) => ({ ...take, ...of })) : null,
      seed,
    };
  }
}

/** One attempt; null for a text of which the tokenizer leaves nothing. */
async function hear(
  model: BarkModel,
  processor: BarkProcessor,
  text: string,
  options: GenerateOptions,
): Promise<Heard | null> {
  const inputs = processor.encode(text);
  if (!inputs.attentionMask?.some((mask) => mask.includes(1))) return null;
  const { audio, takes } = await model.generate(inputs, { ...options, outputFull: true });
  const [take] = takes ?? [];
  if (take === undefined) throw new TypeError('The model gave no row.');
  return { text, audio: audio[0] ?? waveform(new Float32Array(0)), take };
}

/** The options, read once and checked, whether there is a sentence or not. */
function checkedOptions(options: SpeakLongOptions, model: BarkModel): SpeakLongOptions {
  const given = fieldsOf('options', options);
  refuseOptions(given, REFUSED);
  const {
    voicePreset: _,
    language,
    pauseSeconds,
    trimSilence: isTrimmed,
    rollingHistory,
    attempts,
    onProgress,
    ...choices
  } = given;
  assertLanguage(language);
  assertWithin('pauseSeconds', pauseSeconds, 0, PAUSE_MAX_SECONDS);
  assertWithin('attempts', attempts, 1, ATTEMPTS_MAX);
  if (attempts !== undefined && !Number.isInteger(attempts)) {
    throw new BarkError(`attempts must be a whole number; it is ${attempts}.`, null);
  }
  assertSwitch('trimSilence', isTrimmed);
  assertSwitch('rollingHistory', rollingHistory);
  assertFunction('onProgress', onProgress);
  signalOf(choices.signal);
  speechOptions(choices, optionLimits(model.config, model.generationConfig));
  return given;
}

function assertWithin(name: string, value: unknown, min: number, max: number): void {
  if (value === undefined || (typeof value === 'number' && value >= min && value <= max)) return;
  throw new BarkError(`${name} must lie in ${min}..${max}; it is ${described(value)}.`, null);
}
