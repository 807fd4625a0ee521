/** A recording and its words become a voice (reference: section 7.6, with EnCodec's codes of the recording for those of a take). */
import type { Voice } from '#shared/bark/voice.ts';
import { voiceFromRecording as voiceOf } from '../voices/voice-from-recording.ts';
import type { BarkProcessor } from '../processor/processor.ts';
import {
  assertFields,
  assertFunction,
  described,
  fieldsOf,
  integersOf,
  samplesOf,
  signalOf,
} from './arguments.ts';
import { BarkError } from './bark-error.ts';
import type { BarkModel } from './bark-model.ts';
import type { GenerateOptions } from './generate-options.ts';
import { assertSpeakers } from './speakers.ts';

/** What is said in a recording, and how it is read; either `transcript` or `semanticPrompt` (reference: section 7.6). */
export interface RecordingOptions extends Pick<GenerateOptions, 'seed' | 'signal' | 'onProgress'> {
  /** Samples a second of the recording, an integer in 8 000..96 000. */
  readonly sampleRate: number;
  /** Exactly the words of the recording; the semantic stage reads them at about its pace. */
  readonly transcript?: string | undefined;
  /** [S] semantic tokens of the recording, 0..9 999, 49.9 a second, where there is another model that makes them of sound. */
  readonly semanticPrompt?: ArrayLike<number> | undefined;
}

/** The transcript is read about as long as the recording lasts: at least and at most this part of it. */
const PACE = { least: 0.85, most: 1.15 };
/** Two minutes at the highest rate. */
const SAMPLES_MAX = 120 * 96_000;
const TOKENS_MAX = 9_000;

/**
 * The voice of a recording: mono `samples` [n], nominally -1..1, of one or two sentences without noise, at most as long as the
 * model speaks at a time (15 s). Its coarse and fine prompts are EnCodec's codes of the sound. Bark was published without
 * the model that makes semantic tokens of sound, so that unless `semanticPrompt` has them the semantic stage makes them of
 * the transcript: they tell what is said at another pace, which Bark forgives as long as both last about as long. Throws
 * BarkError for arguments that do not fit and for a reading of another length than the recording (another `seed` may fit),
 * CheckpointError for a checkpoint without the codec's encoder. Reference: sections 6 and 7.6.
 */
export async function voiceFromRecording(
  model: BarkModel,
  processor: BarkProcessor,
  samples: Float32Array,
  options: RecordingOptions,
): Promise<Voice> {
  assertSpeakers(model, processor);
  const given = fieldsOf('options', options);
  assertFields('voiceFromRecording', given, FIELDS);
  assertFunction('onProgress', given.onProgress);
  const signal = signalOf(given.signal);
  const sound = samplesOf('samples', samples, SAMPLES_MAX);
  const silent = sound.findIndex((sample) => !Number.isFinite(sample));
  if (silent !== -1) {
    throw new BarkError(
      `samples must be finite; entry ${silent} is ${sound[silent]}.`,
      'ValueError',
    );
  }
  const { sampleRate } = given;
  if (!Number.isInteger(sampleRate) || sampleRate < 8_000 || sampleRate > 96_000) {
    throw new BarkError(
      `sampleRate must be an integer in 8000..96000, that of the recording; it is ${described(sampleRate)}.`,
      'ValueError',
    );
  }
  const recording = { samples: sound, sampleRate };
  const encoder = {
    sampleRate: model.sampleRate,
    hopSamples: model.config.codec.hopLength,
    encode: (resampled: Float32Array, stop: AbortSignal) => model.encode(resampled, stop),
  };
  // told before the words are read, which takes longer
  if (!model.hasEncoder) await model.encode(new Float32Array(1), signal);
  const semantic = await semanticOf(model, processor, sound.length / sampleRate, given);
  try {
    const generation = model.generationConfig;
    return await voiceOf(recording, semantic, { encoder, generation }, signal);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new BarkError(cause.message, 'ValueError', cause);
  }
}

const FIELDS = ['sampleRate', 'transcript', 'semanticPrompt', 'seed', 'signal', 'onProgress'];

async function semanticOf(
  model: BarkModel,
  processor: BarkProcessor,
  seconds: number,
  { transcript, semanticPrompt, seed, signal, onProgress }: RecordingOptions,
): Promise<Int32Array> {
  if ((transcript === undefined) === (semanticPrompt === undefined)) {
    throw new BarkError(
      'Give transcript, exactly the words of the recording, or semanticPrompt, not both.',
      'ValueError',
    );
  }
  const { semantic } = model.generationConfig;
  if (semanticPrompt !== undefined) {
    const max = semantic.semanticVocabularySize - 1;
    return integersOf('semanticPrompt', semanticPrompt, { min: 0, max, most: TOKENS_MAX });
  }
  if (typeof transcript !== 'string') {
    throw new BarkError(
      `transcript must be a string; it is ${described(transcript)}.`,
      'TypeError',
    );
  }
  const inputs = processor.encode(transcript);
  if (!inputs.attentionMask?.some((mask) => mask.includes(1))) {
    throw new BarkError(
      'The transcript holds no words; give exactly those of the recording.',
      'ValueError',
    );
  }
  const expected = seconds * semantic.semanticRateHz;
  if (expected > semantic.maxNewTokens) {
    const longest = Math.floor(semantic.maxNewTokens / semantic.semanticRateHz);
    throw new BarkError(
      `The recording lasts ${seconds.toFixed(1)} s; the model reads ${longest} s at a time. Cut it to one or two sentences.`,
      'ValueError',
    );
  }
  const [tokens] = await model.generateSemantic(inputs, {
    ...(seed !== undefined && { seed }),
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
    minNewTokens: Math.floor(expected * PACE.least),
    semanticMaxNewTokens: Math.max(
      1,
      Math.min(semantic.maxNewTokens, Math.ceil(expected * PACE.most)),
    ),
  });
  return tokens ?? new Int32Array(0);
}
