/**
 * Ids that look like what a stage is given: each kind in its range and at its positions, drawn evenly from a
 * fixed seed, as many as a sequence can have.
 */
import { textTokens } from '#shared/bark/shapes.ts';
import type { TransformerConfig } from '../checkpoint/config.ts';
import type { GenerationConfig } from '../checkpoint/generation-config.ts';
import type { PromptPart } from '../pipeline/models.ts';
import { philoxRandomness } from '../pipeline/randomness.ts';
import { semanticPrompt } from '../pipeline/semantic.ts';

const SEED = 1;
/** Tokens of text; slots beyond them are padding, as they are behind a sentence. */
const TEXT_TOKENS = 64;

export type CausalStageName = 'semantic' | 'coarse_acoustics';

export function calibrationPrompt(
  stage: CausalStageName,
  { blockSize, inputVocabularySize }: TransformerConfig,
  { semantic, coarse, codebookSize }: GenerationConfig,
): readonly PromptPart[] {
  const drawn = philoxRandomness(SEED)(stage === 'semantic' ? 'semantic' : 'coarse', 0);
  let draws = 0;
  const ids = (length: number, limit: number): Int32Array =>
    Int32Array.from({ length }, () => Math.floor(drawn(draws++) * limit));
  const token = semantic.semanticVocabularySize;
  if (stage === 'semantic') {
    const slots = semantic.maxInputSemanticLength;
    const text = ids(
      Math.min(TEXT_TOKENS, slots),
      inputVocabularySize - semantic.textEncodingOffset,
    );
    const history = Uint16Array.from(ids(slots, token));
    const prompt = semanticPrompt(semantic, textTokens(text), history);
    const said = Math.min(semantic.maxNewTokens, blockSize - slots - 1);
    return [...prompt, { ids: ids(said, token) }];
  }
  const slots = ids(coarse.maxCoarseInputLength, token);
  const said = ids(
    Math.min(coarse.maxCoarseHistory + coarse.slidingWindowLength, blockSize - slots.length - 1),
    codebookSize,
  ).map((code, i) => token + (i % coarse.coarseCodebooks) * codebookSize + code);
  return [{ ids: Int32Array.from([...slots, coarse.coarseInferToken, ...said]) }];
}
