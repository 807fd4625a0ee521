/** A voice from a caller: its arrays, and whether they belong together. */
import { COARSE_CODEBOOKS, FINE_CODEBOOKS } from '#shared/bark/constants.ts';
import { VOICE_MAX_LENGTH, type Voice } from '#shared/bark/voice.ts';
import { described, reading } from './arguments.ts';
import { BarkError } from './bark-error.ts';

/** What a model knows. */
export interface VoiceLimits {
  /** Semantic tokens lie below. */
  readonly semanticVocabulary: number;
  /** Codes lie below. */
  readonly codebookSize: number;
}

/** A copy of the voice; throws BarkError for arrays that are none, do not belong together or are not known. */
export function checkedVoice(name: string, voice: Voice, limits: VoiceLimits): Voice {
  const { semanticPrompt, coarsePrompt, finePrompt } = reading(name, () => ({
    semanticPrompt: promptOf(name, voice.semanticPrompt),
    coarsePrompt: promptOf(name, voice.coarsePrompt),
    finePrompt: promptOf(name, voice.finePrompt),
  }));
  const frames = finePrompt.length / FINE_CODEBOOKS;
  const isWhole =
    isLength(semanticPrompt.length) &&
    isLength(frames) &&
    coarsePrompt.length === frames * COARSE_CODEBOOKS;
  if (!isWhole) {
    throw new BarkError(
      `${name} must be [S], [2, T] and [8, T] with S and T in 1..${VOICE_MAX_LENGTH}; its arrays have ${semanticPrompt.length}, ${coarsePrompt.length} and ${finePrompt.length} entries.`,
      'ValueError',
    );
  }
  const { semanticVocabulary, codebookSize } = limits;
  if (
    !isBelow(semanticPrompt, semanticVocabulary) ||
    !isBelow(coarsePrompt, codebookSize) ||
    !isBelow(finePrompt, codebookSize)
  ) {
    throw new BarkError(
      `${name} has tokens that this model does not know: semantic ones must lie below ${semanticVocabulary}, codes below ${codebookSize}.`,
      'IndexError',
    );
  }
  return { semanticPrompt, coarsePrompt, finePrompt };
}

function promptOf(name: string, prompt: unknown): Uint16Array {
  if (prompt instanceof Uint16Array) return Uint16Array.from(prompt);
  throw new BarkError(
    `${name} must be a voice: semanticPrompt, coarsePrompt and finePrompt as Uint16Array; one is ${described(prompt)}. BarkProcessor.loadVoicePreset makes one of a name, a file or arrays.`,
    'TypeError',
  );
}

function isLength(length: number): boolean {
  return Number.isInteger(length) && length >= 1 && length <= VOICE_MAX_LENGTH;
}

function isBelow(prompt: Uint16Array, limit: number): boolean {
  return prompt.every((value) => value < limit);
}
