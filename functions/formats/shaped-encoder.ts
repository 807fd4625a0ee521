/** An encoder behind a change of speed and of sample rate. */
import type { Encoder } from '#shared/audio/encoder.ts';
import { joinBytes } from '#shared/audio/join-bytes.ts';
import { resampler, type Resampler } from '#shared/audio/resample.ts';
import type { SpeedChanger } from './speed.ts';

interface Stages {
  /** Samples a second that come in, and that the encoder takes. */
  readonly inputRate: number;
  readonly sampleRate: number;
  /** Null for the speed that was spoken. */
  readonly changer: (() => SpeedChanger) | null;
  readonly encoder: () => Encoder;
}

/** Begins all stages; when one can not begin, none is left open. */
export function shapedEncoder({ inputRate, sampleRate, changer, encoder }: Stages): Encoder {
  const rate = inputRate === sampleRate ? null : rateChange(inputRate, sampleRate);
  const inner = encoder();
  if (changer === null && rate === null) return inner;
  try {
    return chained({ speed: changer?.() ?? null, rate, inner });
  } catch (error) {
    inner.close();
    throw error;
  }
}

/** Any of the stages before the encoder. */
interface Stage {
  write(pcm: Int16Array): Int16Array;
  end(): Int16Array;
}

interface Chain {
  readonly speed: SpeedChanger | null;
  readonly rate: Stage | null;
  readonly inner: Encoder;
}

function chained({ speed, rate, inner }: Chain): Encoder {
  const stages: readonly Stage[] = [speed, rate].filter((stage) => stage !== null);
  return {
    begin: () => inner.begin(),
    write: (pcm) => inner.write(stages.reduce((samples, stage) => stage.write(samples), pcm)),
    keepAlive: () => inner.keepAlive(),
    end() {
      const bytes = stages.map((stage, i) =>
        inner.write(stages.slice(i + 1).reduce((pcm, next) => next.write(pcm), stage.end())),
      );
      return joinBytes([...bytes, inner.end()]);
    },
    close() {
      speed?.close();
      inner.close();
    },
  };
}

const FULL_SCALE = 32_768;

function rateChange(fromRate: number, toRate: number): Stage {
  const stream: Resampler = resampler(fromRate, toRate);
  return {
    write: (pcm) => toInt16(stream.write(Float32Array.from(pcm, (sample) => sample / FULL_SCALE))),
    end: () => toInt16(stream.end()),
  };
}

/** The nearest samples; what is louder than full scale is full scale. */
function toInt16(samples: Float32Array): Int16Array {
  return Int16Array.from(samples, (sample) =>
    Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, Math.round(sample * FULL_SCALE))),
  );
}
