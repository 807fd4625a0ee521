/**
 * `generation_config.json`: how the stages are sampled, and every token id and window length of Bark.
 * Ids are taken from here and vocabulary sizes from `config.json`, each where the reference takes them.
 */
import { z } from 'zod/mini';
import { CheckpointError } from './checkpoint-error.ts';
import { checkFields, fields, flag, integer, only, positive } from './fields.ts';

/** Bound of any id or length in the file; the largest published one is 129 599. */
const ID_MAX = 1_048_575;
const LENGTH_MAX = 16_384;
const TEMPERATURE_MAX = 100;
const RATE_MAX = 1_000;

/** Sampling of an autoregressive stage, overridable by a request. */
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

/** The semantic stage. */
export interface SemanticGeneration extends SamplingGeneration {
  /** Most semantic tokens of one sentence (`max_new_tokens`). */
  readonly maxNewTokens: number;
  /** Ends the sequence and fills finished rows; logits of all other ids >= semanticVocabularySize are suppressed. */
  readonly eosTokenId: number;
  /** Fills the history slots and is counted out of lengths; always eosTokenId, whatever the file's field says. */
  readonly semanticPadToken: number;
  /** Ids below are semantic tokens; also the offset of codebook 0 in the coarse vocabulary (`semantic_vocab_size`). */
  readonly semanticVocabularySize: number;
  /** Added to every text id (`text_encoding_offset`). */
  readonly textEncodingOffset: number;
  /** Stands, without offset, where the mask is 0 (`text_pad_token`). */
  readonly textPadToken: number;
  /** The last position of the prompt (`semantic_infer_token`). */
  readonly semanticInferToken: number;
  /** Text slots, and history slots, of the prompt (`max_input_semantic_length`). */
  readonly maxInputSemanticLength: number;
  /** Semantic tokens a second (`semantic_rate_hz`). */
  readonly semanticRateHz: number;
}

/** The coarse stage. */
export interface CoarseGeneration extends SamplingGeneration {
  /** Replaces semanticPadToken and fills the semantic slots (`coarse_semantic_pad_token`). */
  readonly coarseSemanticPadToken: number;
  /** Follows the semantic slots (`coarse_infer_token`). */
  readonly coarseInferToken: number;
  /** Frames a second (`coarse_rate_hz`). */
  readonly coarseRateHz: number;
  /** Codebooks of this stage, 2 (`n_coarse_codebooks`). */
  readonly coarseCodebooks: number;
  /** Semantic slots of the prompt (`max_coarse_input_length`). */
  readonly maxCoarseInputLength: number;
  /** Most earlier coarse tokens in the prompt (`max_coarse_history`). */
  readonly maxCoarseHistory: number;
  /** Coarse tokens of one window, even (`sliding_window_len`). */
  readonly slidingWindowLength: number;
}

/** The fine stage. */
export interface FineGeneration {
  /** Softmax temperature; null and 1 take the likeliest code. `do_sample` is not consulted. */
  readonly temperature: number | null;
  /** Most history frames, and the step between windows (`max_fine_history_length`). */
  readonly maxFineHistoryLength: number;
  /** Frames of one window (`max_fine_input_length`). */
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

const id = integer(0, ID_MAX);
const length = integer(1, LENGTH_MAX);
const NEUTRAL = 'set it so, since the other forms of search are not part of this engine';

const samplingFields = {
  do_sample: z._default(flag(), false),
  temperature: z._default(z.nullable(positive(TEMPERATURE_MAX)), 1),
  top_k: z._default(z.nullable(integer(0, ID_MAX)), 50),
  top_p: z._default(z.nullable(positive(1)), 1),
  renormalize_logits: z._default(flag(), true),
  num_beams: only(1, NEUTRAL),
  num_beam_groups: z.nullish(only(1, NEUTRAL)),
  repetition_penalty: z.nullish(only(1, NEUTRAL)),
  no_repeat_ngram_size: z.nullish(only(0, NEUTRAL)),
  typical_p: z.nullish(only(1, NEUTRAL)),
  min_p: only(null, NEUTRAL),
  epsilon_cutoff: z.nullish(only(0, NEUTRAL)),
  eta_cutoff: z.nullish(only(0, NEUTRAL)),
  min_length: z.nullish(only(0, NEUTRAL)),
  min_new_tokens: only(null, NEUTRAL),
  bad_words_ids: only(null, NEUTRAL),
  suppress_tokens: only(null, NEUTRAL),
  begin_suppress_tokens: only(null, NEUTRAL),
  sequence_bias: only(null, NEUTRAL),
  penalty_alpha: only(null, NEUTRAL),
  forced_bos_token_id: only(null, NEUTRAL),
  forced_eos_token_id: only(null, NEUTRAL),
};

const semanticSchema = fields({
  ...samplingFields,
  max_new_tokens: z._default(length, 768),
  eos_token_id: z._default(id, 10_000),
  pad_token_id: z._default(z.nullable(id), null),
  semantic_vocab_size: z._default(integer(1, ID_MAX), 10_000),
  text_encoding_offset: z._default(id, 10_048),
  text_pad_token: z._default(id, 129_595),
  semantic_infer_token: z._default(id, 129_599),
  max_input_semantic_length: z._default(length, 256),
  semantic_rate_hz: z._default(positive(RATE_MAX), 49.9),
});

const coarseSchema = fields({
  ...samplingFields,
  eos_token_id: only(null, 'the coarse stage ends by length'),
  coarse_semantic_pad_token: z._default(id, 12_048),
  coarse_infer_token: z._default(id, 12_050),
  coarse_rate_hz: z._default(positive(RATE_MAX), 75),
  n_coarse_codebooks: only(2, 'the stages exchange two codebooks'),
  max_coarse_input_length: z._default(length, 256),
  max_coarse_history: z._default(length, 630),
  sliding_window_len: z._default(length, 60),
});

const fineSchema = fields({
  temperature: z._default(z.nullable(positive(TEMPERATURE_MAX)), 1),
  max_fine_history_length: z._default(length, 512),
  max_fine_input_length: z._default(length, 1_024),
  n_fine_codebooks: only(8, 'the codec is fed eight codebooks'),
});

const generationSchema = fields({
  codebook_size: z._default(integer(1, 65_536), 1_024),
  sample_rate: only(24_000, 'this engine speaks at 24 kHz'),
  semantic_config: z.nullish(semanticSchema),
  coarse_acoustics_config: z.nullish(coarseSchema),
  fine_acoustics_config: z.nullish(fineSchema),
});

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
