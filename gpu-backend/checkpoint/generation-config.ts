/**
 * `generation_config.json`: how the stages are sampled, and every token id and window length of Bark.
 * Ids are taken from here and vocabulary sizes from `config.json`, each where the reference takes them.
 */
import type { z } from 'zod/mini';
import { CheckpointError } from './checkpoint-error.ts';
import { checkFields } from './fields.ts';
import { coarseSchema, fineSchema, generationSchema, semanticSchema } from './generation-schema.ts';

/** Sampling of an autoregressive stage, overridable by a request (reference: sections 1.3 and 3.3). */
export interface SamplingGeneration {
  /** Draw from the distribution (true) or take the likeliest id (false). */
  readonly doSample: boolean;
  /** Divides the logits, > 0; null and 1 leave them. */
  readonly temperature: number | null;
  /** Keep only the k likeliest ids; null keeps all. */
  readonly topK: number | null;
  /** Keep the likeliest ids that together reach this probability, 0 < p <= 1; null and 1 keep all. */
  readonly topP: number | null;
  /** Whether the reference renormalises its scores; changes neither argmax nor probabilities. */
  readonly renormalizeLogits: boolean;
}

/**
 * The semantic stage (reference: sections 1.3 and 3). A `min_eos_p` in the file is left out: the reference's BarkModel
 * heeds only the caller's.
 */
export interface SemanticGeneration extends SamplingGeneration {
  /** Most semantic tokens of one sentence, 768 as published (`max_new_tokens`). */
  readonly maxNewTokens: number;
  /** The id that ends the sequence and fills finished rows; logits of all other ids >= semanticVocabularySize are suppressed. */
  readonly eosTokenId: number;
  /** The id that fills the history slots and is counted out of lengths; always eosTokenId, whatever the file's field says. */
  readonly semanticPadToken: number;
  /** Ids below are semantic tokens; also the offset of codebook 0 in the coarse vocabulary (`semantic_vocab_size`). */
  readonly semanticVocabularySize: number;
  /** Added to every text id, 10 048 as published (`text_encoding_offset`). */
  readonly textEncodingOffset: number;
  /** The id that stands, without offset, where the mask is 0 (`text_pad_token`). */
  readonly textPadToken: number;
  /** The id at the last position of the prompt (`semantic_infer_token`). */
  readonly semanticInferToken: number;
  /** Text slots, and history slots, of the prompt, 256 as published (`max_input_semantic_length`). */
  readonly maxInputSemanticLength: number;
  /** Semantic tokens a second, 49.9 as published (`semantic_rate_hz`). */
  readonly semanticRateHz: number;
}

/** The coarse stage (reference: sections 1.3 and 4). */
export interface CoarseGeneration extends SamplingGeneration {
  /** The id that replaces semanticPadToken and fills the semantic slots (`coarse_semantic_pad_token`). */
  readonly coarseSemanticPadToken: number;
  /** The id that follows the semantic slots (`coarse_infer_token`). */
  readonly coarseInferToken: number;
  /** Frames a second, 75 (`coarse_rate_hz`). */
  readonly coarseRateHz: number;
  /** Codebooks of this stage, 2 (`n_coarse_codebooks`). */
  readonly coarseCodebooks: number;
  /** Semantic slots of the prompt, 256 as published (`max_coarse_input_length`). */
  readonly maxCoarseInputLength: number;
  /** Most earlier coarse tokens in the prompt, 630 as published (`max_coarse_history`). */
  readonly maxCoarseHistory: number;
  /** Coarse tokens of one window, even, 60 as published (`sliding_window_len`). */
  readonly slidingWindowLength: number;
}

/** The fine stage (reference: sections 1.3 and 5). */
export interface FineGeneration {
  /** Softmax temperature; null and 1 take the likeliest code. `do_sample` is not consulted. */
  readonly temperature: number | null;
  /** Most history frames, and the step between windows, 512 as published (`max_fine_history_length`). */
  readonly maxFineHistoryLength: number;
  /** Frames of one window, 1 024 as published (`max_fine_input_length`). */
  readonly maxFineInputLength: number;
  /** Codebooks of a finished frame, 8 (`n_fine_codebooks`). */
  readonly fineCodebooks: number;
}

/** The whole file. */
export interface GenerationConfig {
  /** Codes of a codebook; also the fine stage's "not known" code (`codebook_size`). */
  readonly codebookSize: number;
  /** Samples a second (`sample_rate`). */
  readonly sampleRate: number;
  readonly semantic: SemanticGeneration;
  readonly coarse: CoarseGeneration;
  readonly fine: FineGeneration;
}

/**
 * Checks the parsed `generation_config.json`; throws CheckpointError naming `file`, the field and the remedy.
 * Undefined (no such file) means the published models' values.
 */
export function parseGenerationConfig(
  json: unknown,
  file = 'generation_config.json',
): GenerationConfig {
  const published = {
    semantic_config: { do_sample: true, temperature: 0.7 },
    coarse_acoustics_config: { do_sample: true, temperature: 0.7 },
    fine_acoustics_config: { temperature: 0.5 },
  };
  const raw = checkFields(generationSchema, json === undefined ? published : json, file);
  const semantic = raw.semantic_config ?? semanticSchema.parse({});
  const coarse = raw.coarse_acoustics_config ?? coarseSchema.parse({});
  const fine = raw.fine_acoustics_config ?? fineSchema.parse({});
  const refuse = (fault: string): never => {
    throw new CheckpointError(`${file}: ${fault}.`);
  };
  if (semantic.pad_token_id !== null && semantic.pad_token_id !== semantic.eos_token_id) {
    refuse(
      `semantic_config.pad_token_id is ${semantic.pad_token_id}; finished rows would count as speech, so it must be null or eos_token_id`,
    );
  }
  if (coarse.sliding_window_len % 2 !== 0) {
    refuse(
      `coarse_acoustics_config.sliding_window_len is ${coarse.sliding_window_len}; each window begins with codebook 0, so it must be even`,
    );
  }
  if (coarse.coarse_semantic_pad_token < semantic.semantic_vocab_size) {
    refuse(
      `coarse_acoustics_config.coarse_semantic_pad_token is ${coarse.coarse_semantic_pad_token}; as a semantic token it would be counted out of lengths, so it must be at least semantic_vocab_size, ${semantic.semantic_vocab_size}`,
    );
  }
  if (fine.max_fine_history_length > fine.max_fine_input_length) {
    refuse(
      `fine_acoustics_config.max_fine_history_length is ${fine.max_fine_history_length}; it must not exceed max_fine_input_length, ${fine.max_fine_input_length}`,
    );
  }
  return {
    codebookSize: raw.codebook_size,
    sampleRate: 24_000,
    semantic: {
      ...sampling(semantic),
      maxNewTokens: semantic.max_new_tokens,
      eosTokenId: semantic.eos_token_id,
      semanticPadToken: semantic.eos_token_id,
      semanticVocabularySize: semantic.semantic_vocab_size,
      textEncodingOffset: semantic.text_encoding_offset,
      textPadToken: semantic.text_pad_token,
      semanticInferToken: semantic.semantic_infer_token,
      maxInputSemanticLength: semantic.max_input_semantic_length,
      semanticRateHz: semantic.semantic_rate_hz,
    },
    coarse: {
      ...sampling(coarse),
      coarseSemanticPadToken: coarse.coarse_semantic_pad_token,
      coarseInferToken: coarse.coarse_infer_token,
      coarseRateHz: coarse.coarse_rate_hz,
      coarseCodebooks: 2,
      maxCoarseInputLength: coarse.max_coarse_input_length,
      maxCoarseHistory: coarse.max_coarse_history,
      slidingWindowLength: coarse.sliding_window_len,
    },
    fine: {
      temperature: fine.temperature,
      maxFineHistoryLength: fine.max_fine_history_length,
      maxFineInputLength: fine.max_fine_input_length,
      fineCodebooks: 8,
    },
  };
}

function sampling(
  raw: Pick<
    z.output<typeof coarseSchema>,
    'do_sample' | 'temperature' | 'top_k' | 'top_p' | 'renormalize_logits'
  >,
): SamplingGeneration {
  return {
    doSample: raw.do_sample,
    temperature: raw.temperature,
    topK: raw.top_k === 0 ? null : raw.top_k, // the reference skips top-k at 0 as at null
    topP: raw.top_p,
    renormalizeLogits: raw.renormalize_logits,
  };
}
