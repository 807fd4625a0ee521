/**
 * What of a wish in words Bark can do: one cue that it acts, singing, and how freely it speaks. English words alone are
 * known; what is wished away ("without laughing") is not done.
 */

/** How a text is to be said, beyond its words. */
export interface Manner {
  /** Acted before the first word. */
  readonly cue: string | null;
  readonly isSung: boolean;
}

export const PLAIN_MANNER: Manner = { cue: null, isSung: false };

export interface Interpretation {
  readonly manner: Manner;
  /** Null when nothing is wished. */
  readonly temperature: number | null;
  /** What was understood, such as `cue=[laughs]`; empty when nothing was. */
  readonly understood: readonly string[];
}

/** Cues that Bark was trained with, by the words that wish for them. */
const CUES: readonly (readonly [RegExp, string])[] = [
  [/\b(?:laugh|giggl|chuckl)\w*/giu, '[laughs]'],
  [/\bsigh\w*/giu, '[sighs]'],
  [/\bgasp\w*/giu, '[gasps]'],
  [/\bclear\w*\s+(?:your|his|her|their|the)\s+throat\b/giu, '[clears throat]'],
];

const SINGING = /\b(?:sing|sings|singing|sung|song)\b/giu;

/** Cooler is steadier; Bark's own is about 0.7. */
const TEMPERATURES: readonly (readonly [RegExp, number])[] = [
  [
    /\b(?:calm\w*|stead(?:y|ily)|monoton\w*|neutral\w*|serious\w*|consistent\w*|flat(?:ly)?)\b/giu,
    0.5,
  ],
  [/\b(?:excit|energetic|lively|expressive|dramatic|enthusias)\w*/giu, 0.9],
];

/** Words before a wish that turn it round, not far away. */
const REFUSAL = /\b(?:not|no|never|without|avoid|don['’]?t)\b[^.;!?]{0,20}$/iu;

export function interpretInstructions(instructions: string): Interpretation {
  const isWished = (pattern: RegExp): boolean =>
    Array.from(instructions.matchAll(pattern)).some(
      ({ index }) => !REFUSAL.test(instructions.slice(Math.max(0, index - 40), index)),
    );
  const cue = CUES.find(([pattern]) => isWished(pattern))?.[1] ?? null;
  const isSung = isWished(SINGING);
  const temperature = TEMPERATURES.find(([pattern]) => isWished(pattern))?.[1] ?? null;
  return {
    manner: { cue, isSung },
    temperature,
    understood: [
      ...(cue === null ? [] : [`cue=${cue}`]),
      ...(isSung ? ['sung'] : []),
      ...(temperature === null ? [] : [`temperature=${temperature}`]),
    ],
  };
}
