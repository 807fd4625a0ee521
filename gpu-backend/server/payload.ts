/** Sound as it goes out: samples, or frames that stand for them. */
import type { FineCodes, Waveform } from '#shared/bark/shapes.ts';
import {
  framesFirst,
  packFrames,
  samplesOfCodes,
  type CodesLayout,
} from '#shared/codec/codes-layout.ts';
import { AUDIO_KIND } from '#shared/protocol/binary-message.ts';
import { encodePcm } from './pcm.ts';

export interface Payload {
  readonly kind: number;
  /** In all. */
  readonly samples: number;
  /** What can not be divided. */
  readonly unitSamples: number;
  /** Of these samples, from..until - 1, whole units of them. */
  readonly bytes: (from: number, until: number) => Uint8Array;
}

export function pcmPayload(samples: Waveform): Payload {
  return {
    kind: AUDIO_KIND.pcm,
    samples: samples.length,
    unitSamples: 1,
    bytes: (from, until) => encodePcm(samples.subarray(from, until)),
  };
}

export function codesPayload(codes: FineCodes, layout: CodesLayout): Payload {
  const { codebooks, hopSamples } = layout;
  const frames = framesFirst(codes, codebooks);
  const codesBefore = (sample: number): number => (sample / hopSamples) * codebooks;
  return {
    kind: AUDIO_KIND.codes,
    samples: samplesOfCodes(frames, layout),
    unitSamples: hopSamples,
    bytes: (from, until) =>
      packFrames(frames.subarray(codesBefore(from), codesBefore(until)), layout),
  };
}
