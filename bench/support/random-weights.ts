/** Weights of a published model's sizes, different in every layer: equal ones would share memory and flatter. */
import type {
  BlockWeights,
  CausalWeights,
  FineWeights,
} from '../../gpu-backend/checkpoint/weights.ts';
import type { FineConfig, TransformerConfig } from '../../gpu-backend/checkpoint/config.ts';

type Floats = Float32Array<ArrayBuffer>;

/** A stream of floats around zero, the same for the same seed (xorshift). */
export class RandomFloats {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 2_654_435_761) >>> 0 || 1;
  }

  /** `length` values, uniform in -scale..scale. */
  take(length: number, scale: number): Floats {
    const values = new Float32Array(length);
    let state = this.#state;
    for (let i = 0; i < length; i += 1) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      values[i] = (state / 2_147_483_648) * scale;
    }
    this.#state = state;
    return values;
  }
}

function blocks(
  random: RandomFloats,
  { layers, hiddenSize: h }: TransformerConfig,
): BlockWeights[] {
  const matrix = (outputs: number, inputs: number) => ({
    weight: random.take(outputs * inputs, Math.sqrt(3 / inputs)),
    bias: null,
  });
  const norm = () => ({ weight: random.take(h, 0.1).map((value) => 1 + value), bias: null });
  return Array.from({ length: layers }, () => ({
    ln1: norm(),
    attProj: matrix(3 * h, h),
    outProj: matrix(h, h),
    ln2: norm(),
    mlpIn: matrix(4 * h, h),
    mlpOut: matrix(h, 4 * h),
  }));
}

export function randomCausal(config: TransformerConfig, seed: number): CausalWeights {
  const random = new RandomFloats(seed);
  const { hiddenSize: h } = config;
  return {
    inputEmbedding: random.take(config.inputVocabularySize * h, 1),
    positions: random.take(config.blockSize * h, 0.3),
    layers: blocks(random, config),
    lnFinal: { weight: new Float32Array(h).fill(1), bias: null },
    head: random.take(config.outputVocabularySize * h, 3 / Math.sqrt(h)),
  };
}

export function randomFine(config: FineConfig, seed: number): FineWeights {
  const random = new RandomFloats(seed);
  const { hiddenSize: h } = config;
  const inputEmbeddings = Array.from({ length: config.codesTotal }, () =>
    random.take(config.inputVocabularySize * h, 1),
  );
  return {
    inputEmbeddings,
    positions: random.take(config.blockSize * h, 0.3),
    layers: blocks(random, config),
    lnFinal: { weight: new Float32Array(h).fill(1), bias: new Float32Array(h) },
    heads: inputEmbeddings.slice(config.codesGiven),
  };
}
