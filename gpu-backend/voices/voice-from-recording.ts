/**
 * A recording becomes a voice. Its frames are EnCodec's codes of the recording; its semantic tokens can not be
 * had from sound (Bark was published without the model that does it), so the semantic stage makes them of the
 * transcript. They tell what is said at another pace, which Bark forgives as long as both last about as long.
 */
import { resample } from '#shared/audio/resample.ts';
import { waveform } from '#shared/bark/shapes.ts';
import { VOICE_MAX_LENGTH, voiceFromPrompts, type Voice } from '#shared/bark/voice.ts';
import type { GenerationConfig } from '../checkpoint/generation-config.ts';
import type { CodecEncoder } from '../models/codec-encoder.ts';
import { firstFrames, fitLengths, framesOf, withoutEnd } from './prompt-lengths.ts';

/** The shorter of recording and reading lasts at least this part of the longer. */
const LEAST_OVERLAP = 0.75;

export interface RecordedSpeech {
  /** Mono, [samples], nominally -1..1. */
  readonly samples: Float32Array;
  /** Samples a second, 8 000..96 000. */
  readonly sampleRate: number;
}

export interface RecordingTools {
  readonly encoder: CodecEncoder;
  readonly generation: GenerationConfig;
}

/**
 * The voice of a recording and of its transcript, read by the semantic stage: `semantic` [tokens], with or without
 * end tokens. Both begin together; what one has more at its end is cut. Throws RangeError for a recording that is
 * empty, silent, longer than a voice can be, or of another length than the reading, before anything is encoded.
 */
export async function voiceFromRecording(
  { samples, sampleRate }: RecordedSpeech,
  semantic: Int32Array,
  { encoder, generation }: RecordingTools,
  signal: AbortSignal,
): Promise<Voice> {
  const seconds = samples.length / sampleRate;
  const longest = (VOICE_MAX_LENGTH * encoder.hopSamples) / encoder.sampleRate;
  if (seconds > longest) {
    throw new RangeError(
      `The recording lasts ${seconds.toFixed(1)} s; a voice is at most ${longest} s. Cut it to one or two sentences.`,
    );
  }
  if (samples.every((sample) => sample === 0)) {
    throw new RangeError('The recording is silent; record it anew.');
  }
  const spoken = withoutEnd(semantic, generation);
  checkLengths(seconds, spoken.length, generation);

  const audio = waveform(resample(samples, sampleRate, encoder.sampleRate));
  const fine = await encoder.encode(audio, signal);
  const { coarseCodebooks } = generation.coarse;
  const { fineCodebooks } = generation.fine;
  const { tokens, frames } = fitLengths(
    { tokens: spoken.length, frames: fine.length / fineCodebooks },
    generation,
  );
  const codes = firstFrames(fine, { rows: fineCodebooks, frames });
  return voiceFromPrompts({
    semantic_prompt: { shape: [tokens], data: spoken.subarray(0, tokens) },
    // the coarse codebooks are the first of the fine ones
    coarse_prompt: {
      shape: [coarseCodebooks, frames],
      data: codes.subarray(0, coarseCodebooks * frames),
    },
    fine_prompt: { shape: [fineCodebooks, frames], data: codes },
  });
}

function checkLengths(seconds: number, tokens: number, generation: GenerationConfig): void {
  const read = tokens / generation.semantic.semanticRateHz;
  const [shorter, longer] = seconds < read ? [seconds, read] : [read, seconds];
  if (framesOf(tokens, generation) > 0 && shorter >= LEAST_OVERLAP * longer) return;
  throw new RangeError(
    `The recording lasts ${seconds.toFixed(1)} s, its transcript as it was read ${read.toFixed(1)} s (${tokens} semantic tokens); ` +
      'they must be about as long. Give exactly the words of the recording, cut the silence around them, or read them with another seed.',
  );
}
