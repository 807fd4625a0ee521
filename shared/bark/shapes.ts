/**
 * The arrays that flow through Bark, each a type of its own so that a code can not pass for a
 * token. The checked constructors here are the only place that casts.
 */

declare const kind: unique symbol;
/** Data that a checked constructor made, told apart by name. */
export type Kind<Data, Name extends string> = Data & {
  /** What the data are; no value has it. */
  readonly [kind]: Name;
};

/** One sentence as BERT ids before Bark's offset, [tokens], and which of them count (1) or are padding (0), [tokens]. */
export interface TextTokens {
  readonly ids: Int32Array;
  readonly mask: Uint8Array;
}

/** What is said and how, [steps], 0..semantic vocabulary - 1, 49.9 a second. */
export type SemanticTokens = Kind<Int32Array, 'semantic'>;

/** All 8 codebooks, [8, frames] row by row, 0..1023, 75 frames a second (reference: section 5). */
export type FineCodes = Kind<Int32Array, 'fine'>;

/** Mono samples, [samples], nominally -1..1 (the codec may overshoot), 24 000 a second, 320 a frame (reference: section 6). */
export type Waveform = Kind<Float32Array, 'waveform'>;

export function textTokens(ids: Int32Array, mask?: Uint8Array): TextTokens {
  if (mask !== undefined && mask.length !== ids.length) {
    throw new RangeError(
      `The mask has ${mask.length} entries; the ${ids.length} ids need as many.`,
    );
  }
  return { ids, mask: mask ?? new Uint8Array(ids.length).fill(1) };
}

export function semanticTokens(data: Int32Array, vocabulary: number): SemanticTokens {
  assertBelow(data, vocabulary, 'semantic token');
  return data as SemanticTokens;
}

export function fineCodes(data: Int32Array, codebookSize: number): FineCodes {
  assertBelow(data, codebookSize, 'fine code');
  return data as FineCodes;
}

export function waveform(data: Float32Array): Waveform {
  return data as Waveform;
}

function assertBelow(data: Int32Array, limit: number, what: string): void {
  for (let i = 0; i < data.length; i += 1) {
    const value = data[i] ?? -1;
    if (value < 0 || value >= limit) {
      throw new RangeError(`A ${what} must lie in 0..${limit - 1}; entry ${i} is ${value}.`);
    }
  }
}
