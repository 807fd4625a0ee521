/** Ids to the rows that enter a causal transformer. */
import type { PromptPart } from '../pipeline/models.ts';
import { addEmbedding, type EmbeddingTable } from './embedding.ts';

export interface CausalTables {
  readonly tokens: EmbeddingTable;
  /** [block, h] */
  readonly positions: Float32Array;
}

export function countPositions(parts: readonly PromptPart[]): number {
  return parts.reduce((sum, { ids }) => sum + ids.length, 0);
}

/** Sums of token embeddings plus positions from `past` on, [positions, width]. */
export function promptRows(
  { tokens, positions }: CausalTables,
  parts: readonly PromptPart[],
  past: number,
  width: number,
): Float32Array {
  const hidden = new Float32Array(new ArrayBuffer(countPositions(parts) * width * 4));
  let at = 0;
  for (const { ids, plus } of parts) {
    for (let i = 0; i < ids.length; i += 1) {
      const row = hidden.subarray(at * width, (at + 1) * width);
      tokens.addRow(row, ids[i] ?? -1);
      if (plus !== undefined) tokens.addRow(row, plus[i] ?? -1);
      addEmbedding(row, positions, past + at);
      at += 1;
    }
  }
  return hidden;
}
