/** One sentence, tried until the model ends it by itself: again with other draws, then in halves. */
import type { Waveform } from '#shared/bark/shapes.ts';
import type { Take } from './take.ts';

/** A sentence or a part of one, spoken once. */
export interface Heard {
  /** What was to be said. */
  readonly text: string;
  /** [samples] at the model's rate. */
  readonly audio: Waveform;
  /** Every stage of it. */
  readonly take: Take;
}

export interface SentenceTools {
  /** How often a sentence, and each part of it, is tried. */
  readonly attempts: number;
  /** Speaks with the draws of this attempt, counted over all parts; null where the vocabulary knows nothing of the text. */
  readonly speak: (text: string, attempt: number) => Promise<Heard | null>;
  /** Whether the model says something in this attempt and ends by itself, which is known before it is heard. */
  readonly ends: (text: string, attempt: number) => Promise<boolean>;
  /** Cuts a sentence at clauses; one part where that would not help. */
  readonly halve: (text: string) => readonly string[];
  /** Told what is kept, before the next part is spoken. */
  readonly keep: (heard: Heard) => void;
}

export interface Spoken {
  /** The sentence, or its parts in order; empty when nothing was heard. */
  readonly heard: readonly Heard[];
  /** `cut` when words may be missing. */
  readonly outcome: 'spoken' | 'cut' | 'silent';
  /** Over all parts; 0 for a text of which the vocabulary knows nothing. */
  readonly attempts: number;
}

/** Speaks a sentence; one that was cut is better than none. */
export async function speakSentence(text: string, tools: SentenceTools): Promise<Spoken> {
  const { speak, ends, halve, keep } = tools;
  let attempts = 0;

  const spokenOnce = (one: Heard, outcome: Spoken['outcome']): Spoken => {
    keep(one);
    return { heard: [one], outcome, attempts };
  };
  const speakPart = async (part: string): Promise<Spoken | null> => {
    const first = await speak(part, attempts);
    if (first === null) return null;
    attempts += 1;
    const isHeard = first.audio.length > 0;
    if (isHeard && first.take.isComplete) return spokenOnce(first, 'spoken');
    for (let left = tools.attempts - 1; left > 0; left -= 1) {
      const attempt = attempts;
      attempts += 1;
      if (!(await ends(part, attempt))) continue;
      const again = await speak(part, attempt);
      if (again !== null) return spokenOnce(again, 'spoken');
    }
    if (!isHeard) return { heard: [], outcome: 'silent', attempts };
    const halves = halve(part);
    if (halves.length < 2) return spokenOnce(first, 'cut');
    const parts: Spoken[] = [];
    for (const half of halves) {
      const spoken = await speakPart(half);
      if (spoken !== null) parts.push(spoken);
    }
    const isWhole = parts.every(({ outcome }) => outcome === 'spoken');
    return {
      heard: parts.flatMap(({ heard }) => heard),
      outcome: isWhole ? 'spoken' : 'cut',
      attempts,
    };
  };
  return (await speakPart(text)) ?? { heard: [], outcome: 'silent', attempts: 0 };
}
