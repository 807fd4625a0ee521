/**
 * `config.json`: the sizes of the three transformers and of the codec. Absent fields and sub-configs take
 * the defaults of the reference's classes; what this engine can not compute is refused by name.
 */
import { z } from 'zod/mini';
import { CheckpointError } from './checkpoint-error.ts';
import { codecConfig, codecSchema, type CodecConfig } from './codec-config.ts';
import { checkFields, fields, flag, integer, only } from './fields.ts';
import { quantizationSchema } from './quantization.ts';

/** Bounds of untrusted sizes, so that a damaged file can not ask for absurd memory; bark has 24, 16, 1 024 and 129 600. */
const LAYERS_MAX = 128;
const HEADS_MAX = 256;
const HIDDEN_MAX = 16_384;
const VOCABULARY_MAX = 1_048_576;
const POSITIONS_MAX = 16_384;
/** Longest path on Linux. */
const NAME_MAX_CHARACTERS = 4_096;

/** Sizes of one transformer (reference: section 1.2). */
export interface TransformerConfig {
  /** Rows of the input embedding, 1..1 048 576 (`input_vocab_size`, alias `vocab_size`). */
  readonly inputVocabularySize: number;
  /** Rows of the output head, 1..1 048 576 (`output_vocab_size`). */
  readonly outputVocabularySize: number;
  /** Rows of the position table: the longest context, 1..16 384 (`block_size`, alias `window_size`). */
  readonly blockSize: number;
  /** Blocks one after another, 1..128 (`num_layers`, alias `num_hidden_layers`). */
  readonly layers: number;
  /** Heads of attention, 1..256; divides `hiddenSize` (`num_heads`, alias `num_attention_heads`). */
  readonly heads: number;
  /** Numbers of one position between blocks, 1..16 384 (`hidden_size`). */
  readonly hiddenSize: number;
  /** Whether linear layers, and the layer norms of causal models, have a bias (`bias`). Heads never have one. */
  readonly bias: boolean;
}

/** Sizes of the fine transformer; its layer norms have a bias whatever `bias` says (reference: sections 1.2 and 5.4). */
export interface FineConfig extends TransformerConfig {
  /** Codebooks, each with an input embedding, 2..32 (`n_codes_total`). */
  readonly codesTotal: number;
  /** Codebook c is predicted by head c - codesGiven (`n_codes_given`; 1, although Bark feeds two codebooks). */
  readonly codesGiven: number;
  /** Whether head k is the input embedding k + 1 (`tie_word_embeddings`). */
  readonly tiedHeads: boolean;
}

/** The whole model. */
export interface BarkConfig {
  readonly semantic: TransformerConfig;
  readonly coarse: TransformerConfig;
  readonly fine: FineConfig;
  readonly codec: CodecConfig;
  /** Base name of `_name_or_path`, null where the file tells none. */
  readonly name: string | null;
}

const vocabulary = integer(1, VOCABULARY_MAX);

const transformerFields = {
  block_size: z._default(integer(1, POSITIONS_MAX), 1_024),
  window_size: z.optional(integer(1, POSITIONS_MAX)),
  input_vocab_size: z._default(vocabulary, 10_048),
  vocab_size: z.optional(vocabulary),
  output_vocab_size: z._default(vocabulary, 10_048),
  num_layers: z._default(integer(1, LAYERS_MAX), 12),
  num_hidden_layers: z.optional(integer(1, LAYERS_MAX)),
  num_heads: z._default(integer(1, HEADS_MAX), 12),
  num_attention_heads: z.optional(integer(1, HEADS_MAX)),
  hidden_size: z._default(integer(1, HIDDEN_MAX), 768),
  bias: z._default(flag(), true),
};
const transformerSchema = fields(transformerFields);

const fineSchema = fields({
  ...transformerFields,
  n_codes_total: z._default(integer(2, 32), 8),
  n_codes_given: z._default(integer(1, 31), 1),
  tie_word_embeddings: z._default(flag(), true),
});

const configSchema = fields({
  model_type: only('bark', 'this folder holds another kind of model'),
  _name_or_path: z.nullish(
    z
      .string('must be a text')
      .check(
        z.maxLength(NAME_MAX_CHARACTERS, `must have at most ${NAME_MAX_CHARACTERS} characters`),
      ),
  ),
  semantic_config: z.nullish(transformerSchema),
  coarse_acoustics_config: z.nullish(transformerSchema),
  fine_acoustics_config: z.nullish(fineSchema),
  codec_config: z.nullish(codecSchema),
  quantization_config: z.nullish(quantizationSchema),
});

/** Checks the parsed `config.json`; throws CheckpointError naming `file`, the field and the remedy. */
export function parseConfig(json: unknown, file = 'config.json'): BarkConfig {
  const raw = checkFields(configSchema, json, file);
  const fine = raw.fine_acoustics_config ?? fineSchema.parse({});
  if (fine.n_codes_given >= fine.n_codes_total) {
    throw new CheckpointError(
      `${file}: fine_acoustics_config.n_codes_given is ${fine.n_codes_given}; it must be below n_codes_total, ${fine.n_codes_total}.`,
    );
  }
  const name = raw._name_or_path?.split(/[/\\]/).findLast((part) => part !== '') ?? null;
  return {
    semantic: transformer(raw.semantic_config, 'semantic_config', file),
    coarse: transformer(raw.coarse_acoustics_config, 'coarse_acoustics_config', file),
    fine: {
      ...transformer(fine, 'fine_acoustics_config', file),
      codesTotal: fine.n_codes_total,
      codesGiven: fine.n_codes_given,
      tiedHeads: fine.tie_word_embeddings,
    },
    codec: codecConfig(raw.codec_config ?? codecSchema.parse({}), file),
    name,
  };
}

function transformer(
  given: z.output<typeof transformerSchema> | null | undefined,
  where: string,
  file: string,
): TransformerConfig {
  const raw = given ?? transformerSchema.parse({});
  // where a name and its alias are both given, the reference lets the alias win
  const heads = raw.num_attention_heads ?? raw.num_heads;
  if (raw.hidden_size % heads !== 0) {
    throw new CheckpointError(
      `${file}: ${where}.hidden_size is ${raw.hidden_size}; it must be a multiple of num_heads, ${heads}.`,
    );
  }
  return {
    inputVocabularySize: raw.vocab_size ?? raw.input_vocab_size,
    outputVocabularySize: raw.output_vocab_size,
    blockSize: raw.window_size ?? raw.block_size,
    layers: raw.num_hidden_layers ?? raw.num_layers,
    heads,
    hiddenSize: raw.hidden_size,
    bias: raw.bias,
  };
}
