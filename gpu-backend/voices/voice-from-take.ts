/** What Bark has just said becomes the voice of what it says next: `output_full` of suno's code. */
import { voiceFromPrompts, type Voice } from '#shared/bark/voice.ts';
import type { GenerationConfig } from '../checkpoint/generation-config.ts';
import { coarseCodesOf } from '../pipeline/coarse.ts';
import type { GeneratedRow } from '../pipeline/generate.ts';
import { firstFrames, fitLengths, withoutEnd } from './prompt-lengths.ts';

/** One row of what was generated, as the stages gave it out. */
export type Take = Pick<GeneratedRow, 'semantic' | 'coarse' | 'fine'>;

/**
 * The voice of a take: end tokens and offsets are taken off, and of a row that was filled up to the longest of
 * its batch only its own frames are kept. Throws RangeError for a take without a token, or too long for a voice.
 */
export function voiceFromTake(take: Take, generation: GenerationConfig): Voice {
  const { coarseCodebooks } = generation.coarse;
  const { fineCodebooks } = generation.fine;
  const semantic = withoutEnd(take.semantic, generation);
  const there = Math.min(take.coarse.length / coarseCodebooks, take.fine.length / fineCodebooks);
  const { tokens, frames } = fitLengths({ tokens: semantic.length, frames: there }, generation);
  if (frames === 0) {
    throw new RangeError(
      `The take has ${semantic.length} semantic tokens and ${there} frames; a voice needs at least one of each. Generate a longer one.`,
    );
  }
  const coarse = coarseCodesOf(take.coarse, generation);
  return voiceFromPrompts({
    semantic_prompt: { shape: [tokens], data: semantic.subarray(0, tokens) },
    coarse_prompt: {
      shape: [coarseCodebooks, frames],
      data: firstFrames(coarse, { rows: coarseCodebooks, frames }),
    },
    fine_prompt: {
      shape: [fineCodebooks, frames],
      data: firstFrames(take.fine, { rows: fineCodebooks, frames }),
    },
  });
}
