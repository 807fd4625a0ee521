/** How one sentence is to be spoken: the options of Bark's three generating stages. */

/** Choices of an autoregressive stage; what is left out comes from the checkpoint's `generation_config.json`. */
export interface SamplingOptions {
  /** Draw from the distribution (true) or take the likeliest id (false). */
  readonly doSample?: boolean;
  /** Divides the logits, > 0; null means 1. */
  readonly temperature?: number | null;
  /** Keep only the k likeliest ids, >= 1; null keeps all. */
  readonly topK?: number | null;
  /** Keep the likeliest ids that together reach this probability, 0 < p <= 1; null keeps all. */
  readonly topP?: number | null;
}

export interface SemanticOptions extends SamplingOptions {
  /** End as soon as the end token's probability (at temperature 1) exceeds this, 0 < p < 1; null never does. */
  readonly minEosP?: number | null;
  /** Most semantic tokens, 1..768; 49.9 make a second. */
  readonly maxNewTokens?: number;
  /** Fewest semantic tokens, >= 0: until then the end token is not allowed. */
  readonly minNewTokens?: number | null;
}

export interface FineOptions {
  /** Softmax temperature; null or 1 takes the likeliest code, as the reference does. */
  readonly temperature?: number | null;
}

export interface SpeechOptions {
  readonly semantic?: SemanticOptions;
  readonly coarse?: SamplingOptions;
  readonly fine?: FineOptions;
}

/** How early audio may leave: `exact` follows the reference's schedule to the sample. */
export type LatencyMode = 'exact' | 'balanced' | 'fast';
