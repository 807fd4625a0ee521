/**
 * The fields of `generation_config.json` with the defaults of the reference's classes. Ways to search that
 * this engine does not have are accepted only where they are switched off.
 */
import { z } from 'zod/mini';
import { fields, flag, integer, only, positive } from './fields.ts';

/** Bound of any id or length in the file; the largest published one is 129 599. */
const ID_MAX = 1_048_575;
const LENGTH_MAX = 16_384;
const TEMPERATURE_MAX = 100;
const RATE_MAX = 1_000;

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

/** `semantic_config`. */
export const semanticSchema = fields({
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

/** `coarse_acoustics_config`. */
export const coarseSchema = fields({
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

/** `fine_acoustics_config`. */
export const fineSchema = fields({
  temperature: z._default(z.nullable(positive(TEMPERATURE_MAX)), 1),
  max_fine_history_length: z._default(length, 512),
  max_fine_input_length: z._default(length, 1_024),
  n_fine_codebooks: only(8, 'the codec is fed eight codebooks'),
});

/** The whole file. */
export const generationSchema = fields({
  codebook_size: z._default(integer(1, 65_536), 1_024),
  sample_rate: only(24_000, 'this engine speaks at 24 kHz'),
  semantic_config: z.nullish(semanticSchema),
  coarse_acoustics_config: z.nullish(coarseSchema),
  fine_acoustics_config: z.nullish(fineSchema),
});
