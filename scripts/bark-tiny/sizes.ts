/** What the files of the tiny model must agree on. */

export const CODEBOOKS = 8;
export const CODEBOOK_SIZE = 1_024;
export const POSITIONS = 1_024;
export const SEMANTIC_TOKENS = 500;
/** Behind the semantic tokens: the end token, then nothing up to here. */
export const TEXT_OFFSET = 512;
/** The first coarse id behind both codebooks. */
export const COARSE_IDS = SEMANTIC_TOKENS + 2 * CODEBOOK_SIZE;
/** Longest sentence in semantic tokens: three seconds. */
export const MAX_NEW_TOKENS = 150;
export const RATIOS = [8, 5, 4, 2];

/** Sizes that follow from the number of words. */
export interface Vocabularies {
  /** Stands for no text, behind the text ids. */
  readonly textPad: number;
  readonly semanticIds: number;
  readonly coarseIds: number;
  readonly fineIds: number;
}

/** Each rounded up to a multiple of 16, with room for the special ids. */
export function vocabularies(words: number): Vocabularies {
  const textPad = TEXT_OFFSET + words;
  const semanticIds = Math.ceil((textPad + 8) / 16) * 16;
  const coarseIds = Math.ceil((COARSE_IDS + 4) / 16) * 16;
  return { textPad, semanticIds, coarseIds, fineIds: CODEBOOK_SIZE + 16 };
}
