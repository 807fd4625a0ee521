/** How sentences become one sound, as samples or as codes: a breath between two, each rising from silence and falling to it. */
import { silence } from '#shared/audio/pcm.ts';
import { SoftEnds } from '#shared/audio/soft-ends.ts';
import { samplesOfCodes, type CodesLayout } from '#shared/codec/codes-layout.ts';
import type { CodesPart } from '#shared/codec/codes-stream.ts';

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
      return {
        write(codes) {
          const begin: CodesPart[] = hasBegun ? [] : [{ kind: 'sentence' }];
          hasBegun = true;
          return [...begin, { kind: 'frames', codes }];
        },
        end: () => [],
      };
    },
    samplesOf(part) {
      if (part.kind === 'frames') return samplesOfCodes(part.codes, layout);
      return part.kind === 'silence' ? part.samples : 0;
    },
  };
}
