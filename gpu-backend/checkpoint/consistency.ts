/**
 * Ids and lengths come from `generation_config.json`, tables and contexts from `config.json`: here is
 * checked that the one fits the other, so that no id misses its table later.
 */
import { CheckpointError } from './checkpoint-error.ts';
import type { BarkConfig } from './config.ts';
import type { GenerationConfig } from './generation-config.ts';

/** Throws CheckpointError naming `file` and the first field of it that the model is too small for. */
export function checkConsistency(
  { semantic, coarse, fine, codec }: BarkConfig,
  generation: GenerationConfig,
  file = 'generation_config.json',
): void {
  const { semantic: said, coarse: rough, fine: full, codebookSize } = generation;
  const semanticInputs = semantic.inputVocabularySize - 1;
  const coarseInputs = coarse.inputVocabularySize - 1;
  // of the coarse codebooks, one after the other behind the semantic tokens
  const lastCode = said.semanticVocabularySize + rough.coarseCodebooks * codebookSize - 1;
  const semanticPrompt = said.maxInputSemanticLength + 1;
  const coarsePrompt = rough.maxCoarseInputLength + 1 + rough.maxCoarseHistory;
  const checks: readonly (readonly [string, number, string, number])[] = [
    [
      'semantic_config.text_pad_token',
      said.textPadToken,
      'the last semantic input id',
      semanticInputs,
    ],
    [
      'semantic_config.text_encoding_offset',
      said.textEncodingOffset,
      'the last semantic input id',
      semanticInputs,
    ],
    [
      'semantic_config.semantic_infer_token',
      said.semanticInferToken,
      'the last semantic input id',
      semanticInputs,
    ],
    ['semantic_config.eos_token_id', said.eosTokenId, 'the last semantic input id', semanticInputs],
    [
      'semantic_config.eos_token_id',
      said.eosTokenId,
      'the last semantic output id',
      semantic.outputVocabularySize - 1,
    ],
    [
      'semantic_config.semantic_vocab_size',
      said.semanticVocabularySize,
      'the semantic output ids',
      semantic.outputVocabularySize,
    ],
    [
      'the semantic prompt and max_new_tokens',
      semanticPrompt + said.maxNewTokens - 1,
      'the semantic block_size',
      semantic.blockSize,
    ],
    [
      'coarse_acoustics_config.coarse_semantic_pad_token',
      rough.coarseSemanticPadToken,
      'the last coarse input id',
      coarseInputs,
    ],
    [
      'coarse_acoustics_config.coarse_infer_token',
      rough.coarseInferToken,
      'the last coarse input id',
      coarseInputs,
    ],
    [
      'the last coarse code (semantic_vocab_size + 2 * codebook_size - 1)',
      lastCode,
      'the last coarse input id',
      coarseInputs,
    ],
    [
      'the last coarse code (semantic_vocab_size + 2 * codebook_size - 1)',
      lastCode,
      'the last coarse output id',
      coarse.outputVocabularySize - 1,
    ],
    [
      'the last coarse output id',
      coarse.outputVocabularySize - 1,
      'the last coarse input id',
      coarseInputs,
    ],
    [
      'the coarse prompt and sliding_window_len',
      coarsePrompt + rough.slidingWindowLength - 1,
      'the coarse block_size',
      coarse.blockSize,
    ],
    [
      'fine_acoustics_config.max_fine_input_length',
      full.maxFineInputLength,
      'the fine block_size',
      fine.blockSize,
    ],
    ['codebook_size', codebookSize, 'the last fine input id', fine.inputVocabularySize - 1],
    ['codebook_size', codebookSize, 'the fine output ids', fine.outputVocabularySize],
    ['codebook_size', codebookSize, "the codec's codebook_size", codec.codebookSize],
    [
      'fine_acoustics_config.n_fine_codebooks',
      full.fineCodebooks,
      "config.json's n_codes_total",
      fine.codesTotal,
    ],
  ];
  for (const [name, value, limitName, limit] of checks) {
    if (value > limit) {
      throw new CheckpointError(
        `${file}: ${name} needs ${value}, but ${limitName} of config.json allow ${limit}; the two files do not belong together.`,
      );
    }
  }
}
