/** The sizes of the published small model. */
import type { FineConfig, TransformerConfig } from '../../gpu-backend/checkpoint/config.ts';

const SMALL = { blockSize: 1_024, layers: 12, heads: 12, hiddenSize: 768, bias: false } as const;

export const SEMANTIC: TransformerConfig = {
  ...SMALL,
  inputVocabularySize: 129_600,
  outputVocabularySize: 10_048,
};
export const COARSE: TransformerConfig = {
  ...SMALL,
  inputVocabularySize: 12_096,
  outputVocabularySize: 12_096,
};
export const FINE: FineConfig = {
  ...SMALL,
  inputVocabularySize: 1_056,
  outputVocabularySize: 1_056,
  codesTotal: 8,
  codesGiven: 1,
  tiedHeads: true,
};
