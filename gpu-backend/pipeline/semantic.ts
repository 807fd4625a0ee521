/**
 * Text tokens to semantic tokens: what is said and how. The prompt merges 256 text slots with 256
 * history slots by summing their embeddings, then one id says "now you".
 */
import type { SemanticOptions } from '#shared/bark/options.ts';
import type { TextTokens } from '#shared/bark/shapes.ts';
import type { SemanticGeneration } from '../checkpoint/generation-config.ts';
import type { CausalModel, PromptPart } from './models.ts';
import { samplingPlan } from './options.ts';
import type { Draw } from './randomness.ts';
import { chooseId, softmax } from './sampling.ts';
import { startOfLast } from './windows.ts';

export interface SemanticInput {
  readonly text: TextTokens;
  /** [S], the voice's semantic tokens; null without a voice. */
  readonly history: Uint16Array | null;
  readonly options: SemanticOptions;
  readonly draw: Draw;
}

/**
 * Yields each semantic token as it is born, the end token not included. Returns whether the model
 * ended by itself (true) or met the limit of steps (false).
 */
export async function* generateSemantic(
  model: CausalModel,
  config: SemanticGeneration,
  input: SemanticInput,
  signal: AbortSignal,
): AsyncGenerator<number, boolean, undefined> {
  const { options, draw } = input;
  const plan = samplingPlan(options, config);
  const end = config.eosTokenId;
  const steps = options.maxNewTokens ?? config.maxNewTokens;
  const minSteps = options.minNewTokens ?? 0;
  const minEosP = options.minEosP ?? null;

  const sequence = model.open();
  try {
    let scores = await sequence.append(semanticPrompt(config, input.text, input.history), signal);
    for (let step = 0; step < steps; step += 1) {
      // ids between the last semantic token and the end token mean nothing, nor do those after it
      scores.fill(Number.NEGATIVE_INFINITY, config.semanticVocabularySize, end);
      if (step < minSteps) scores[end] = Number.NEGATIVE_INFINITY;
      const mustEnd =
        minEosP !== null && (softmax(scores.subarray(0, end + 1))[end] ?? 0) > minEosP;
      const token = mustEnd ? end : chooseId(scores, 0, end + 1, plan, () => draw(step));
      if (token === end) return true;
      yield token;
      if (step + 1 < steps) scores = await sequence.append([{ ids: Int32Array.of(token) }], signal);
    }
    return false;
  } finally {
    sequence.close();
  }
}

/** 256 merged slots and the infer token: 257 positions for Bark. */
export function semanticPrompt(
  config: SemanticGeneration,
  text: TextTokens,
  history: Uint16Array | null,
): PromptPart[] {
  const slots = config.maxInputSemanticLength;
  const ids = new Int32Array(slots).fill(config.textPadToken);
  for (let i = 0; i < Math.min(slots, text.ids.length); i += 1) {
    if (text.mask[i] === 1) ids[i] = (text.ids[i] ?? 0) + config.textEncodingOffset;
  }
  const plus = new Int32Array(slots).fill(config.semanticPadToken);
  if (history !== null) plus.set(history.subarray(startOfLast(history.length, slots)));
  return [{ ids, plus }, { ids: Int32Array.of(config.semanticInferToken) }];
}
