/**
 * The numbers of Bark that do not depend on a checkpoint. Token ids, vocabulary sizes and window
 * lengths do, and are read from its `config.json` and `generation_config.json`.
 */

/** Samples a second of the waveform (EnCodec 24 kHz, `codec_config.sampling_rate`). */
export const SAMPLE_RATE = 24_000;

/** Most text tokens of one sentence: the semantic prompt has this many text slots (`max_input_semantic_length`). */
export const MAX_SENTENCE_TOKENS = 256;

/** Semantic tokens of a voice are below this (`semantic_vocab_size` of the published models). */
export const SEMANTIC_VOCABULARY = 10_000;

/** Entries of one EnCodec codebook (`codebook_size`). */
export const CODEBOOK_SIZE = 1_024;

/** Codebooks that the coarse stage writes (`n_coarse_codebooks`). */
export const COARSE_CODEBOOKS = 2;

/** Codebooks of a finished frame (`n_fine_codebooks`). */
export const FINE_CODEBOOKS = 8;
