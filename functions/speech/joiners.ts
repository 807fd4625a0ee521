/** How sentences become one sound, as samples or as codes: a breath between two, each rising from silence and falling to it. */
import { silence } from '#shared/audio/pcm.ts';
import { SoftEnds } from '#shared/audio/soft-ends.ts';
import { samplesOfCodes, type CodesLayout } from '#shared/codec/codes-layout.ts';
import type { CodesPart } from '#shared/codec/codes-stream.ts';
import { SpeechFault } from '#shared/errors.ts';

/** Between two sentences, as in the long-form recipe of Bark's authors. */
export const SENTENCE_PAUSE_MS = 250;

/** Puts sentences together; what it gives is the caller's. */
export interface Joiner<Piece> {
  /** Between two sentences. */
  pause(): Piece;
  /** A new sentence, of pieces as a backend sends them. */
  sentence(): {
    write(piece: Int16Array): readonly Piece[];
    /** What was held back. */
    end(): readonly Piece[];
  };
  /** How long a piece is heard. */
  samplesOf(piece: Piece): number;
}

export function sampleJoiner(sampleRate: number): Joiner<Int16Array> {
  return {
    pause: () => silence(SENTENCE_PAUSE_MS, sampleRate),
    sentence() {
      const ends = SoftEnds.ofPcm(sampleRate);
      return { write: (samples) => some(ends.write(samples)), end: () => some(ends.end()) };
    },
    samplesOf: ({ length }) => length,
  };
}

/** Frames of one part, half a second: what is kept comes in larger pieces, and a slow line is to sound before all of it. */
const MAX_PART_FRAMES = 38;

function frames(codes: Int16Array, { codebooks }: CodesLayout): CodesPart[] {
  const parts: CodesPart[] = [];
  const most = MAX_PART_FRAMES * codebooks;
  for (let from = 0; from < codes.length; from += most) {
    parts.push({ kind: 'frames', codes: codes.subarray(from, from + most) });
  }
  return parts;
}

function some(samples: Int16Array): readonly Int16Array[] {
  return samples.length === 0 ? [] : [samples];
}

/** Whoever decodes them softens the ends. */
export function codesJoiner(layout: CodesLayout): Joiner<CodesPart> {
  const pauseSamples = silence(SENTENCE_PAUSE_MS, layout.sampleRate).length;
  return {
    pause: () => ({ kind: 'silence', samples: pauseSamples }),
    sentence() {
      let hasBegun = false;
      // what is kept may come cut within a frame
      let rest = new Int16Array(0);
      return {
        write(codes) {
          const all = new Int16Array(rest.length + codes.length);
          all.set(rest);
          all.set(codes, rest.length);
          const whole = all.length - (all.length % layout.codebooks);
          rest = all.slice(whole);
          if (whole === 0) return [];
          const begin: CodesPart[] = hasBegun ? [] : [{ kind: 'sentence' }];
          hasBegun = true;
          return [...begin, ...frames(all.subarray(0, whole), layout)];
        },
        end() {
          if (rest.length === 0) return [];
          throw new SpeechFault('internal', 'The codes of a sentence end within a frame.');
        },
      };
    },
    samplesOf(part) {
      if (part.kind === 'frames') return samplesOfCodes(part.codes, layout);
      return part.kind === 'silence' ? part.samples : 0;
    },
  };
}
