/** From a checkpoint's weights to what is in memory while a stage works, in the number formats of a precision. */
import type { FineConfig, TransformerConfig } from '../checkpoint/config.ts';
import type { CausalWeights, FineWeights, WeightForms } from '../checkpoint/weights.ts';
import { widenStored } from '../checkpoint/widen-stored.ts';
import {
  cachedCausalGraph,
  fusedFineGraph,
  promptGraph,
  stepGraph,
} from '../graph/fused-transformer.ts';
import type { CacheScales } from '../graph/int8-cache.ts';
import { Int8Matrix } from '../graph/int8-matrix.ts';
import type { LinearFormat, Matrix } from '../graph/linear.ts';
import type { CacheCalibration } from './cache-calibration.ts';
import type { CacheType } from './cache-slab.ts';
import {
  embeddingTable,
  halfTable,
  type EmbeddingTable,
  type TablePrecision,
} from './embedding.ts';
import type { FineStage } from './fused-fine-model.ts';
import type { NativeCausalStage } from './native-causal-model.ts';
import type { Precision } from './options.ts';
import type { OrtLibrary } from './ort-api/library.ts';
import { NativeSession } from './ort-api/native-session.ts';
import type { CausalTables } from './prompt-rows.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';
import type { StockCausalStage } from './stock-causal-model.ts';

interface Formats {
  /** Many positions at once. */
  readonly prompt: LinearFormat;
  /** One position a row, rows independent of one another. */
  readonly step: LinearFormat;
  readonly tables: TablePrecision;
  /** Where the C API decodes; elsewhere caches are float32. */
  readonly cache: CacheType;
}

const FORMATS = {
  fp32: { prompt: 'float32', step: 'float32', tables: 'full', cache: 'float32' },
  fp16: { prompt: 'float32', step: 'float32', tables: 'half', cache: 'float32' },
  int8: { prompt: 'int8', step: 'int8', tables: 'half', cache: 'int8' },
  // prompts are bound by arithmetic, where four bits win nothing
  int4: { prompt: 'int8', step: 'int4', tables: 'half', cache: 'int8' },
} as const satisfies Record<Precision, Formats>;

/**
 * Forms in which a precision holds weights; where one format serves prompts and steps, matrices are rounded as read,
 * and taken as they are where they are stored so.
 */
export function weightForms(precision: Precision): WeightForms<Matrix, EmbeddingTable> {
  const { prompt, step, tables } = FORMATS[precision];
  const isRounded = prompt === 'int8' && step === 'int8';
  return {
    matrix: (weight, outputs, inputs) => {
      if (!isRounded) return widenStored(weight);
      const matrix = new Int8Matrix(outputs, inputs);
      return weight.dtype === 'I8' ? matrix.set(weight) : matrix.round(widenStored(weight));
    },
    table: (embedding, width) =>
      tables === 'half' && embedding.dtype === 'F16'
        ? halfTable(embedding.data, width)
        : embeddingTable(widenStored(embedding), width, tables),
  };
}

/** What the native decoder's caches hold. */
export function cacheTypeOf(precision: Precision): CacheType {
  return FORMATS[precision].cache;
}

export interface LoadOptions extends SessionOptions {
  readonly precision: Precision;
}

/** `calibration` is asked where the cache has eight bits. */
export function loadNativeCausal(
  library: OrtLibrary,
  name: string,
  config: TransformerConfig,
  weights: CausalWeights<Matrix, EmbeddingTable>,
  calibration: CacheCalibration,
  { threads, precision }: LoadOptions,
): NativeCausalStage {
  const formats = FORMATS[precision];
  const open = (format: LinearFormat, scales: readonly CacheScales[] | null): NativeSession =>
    new NativeSession(library, cachedCausalGraph(name, config, weights, format, scales), {
      threads,
    });
  const tables = tablesOf(weights);
  const scales =
    formats.cache === 'int8'
      ? calibration.scales(library, config, tables, () => open(formats.prompt, null))
      : null;
  const step = open(formats.step, scales);
  const prompt = formats.prompt === formats.step ? step : open(formats.prompt, scales);
  return nativeStage(tables, prompt, step);
}

// what outlives loading is made in functions that never saw the weights: a closure keeps all that
// any closure beside it has seen

function nativeStage(
  tables: CausalTables,
  prompt: NativeSession,
  step: NativeSession,
): NativeCausalStage {
  return {
    tables,
    prompt,
    step,
    async release() {
      step.release();
      if (prompt !== step) prompt.release();
    },
  };
}

export async function loadStockCausal(
  name: string,
  config: TransformerConfig,
  weights: CausalWeights<Matrix, EmbeddingTable>,
  { precision, ...options }: LoadOptions,
): Promise<StockCausalStage> {
  const formats = FORMATS[precision];
  const prompt = await openSession(promptGraph(name, config, weights, formats.prompt), options);
  const step = await openSession(stepGraph(name, config, weights, formats.step), options);
  return stockStage(tablesOf(weights), prompt, step);
}

function stockStage(tables: CausalTables, prompt: Session, step: Session): StockCausalStage {
  return {
    tables,
    prompt,
    step,
    async release() {
      await prompt.release();
      await step.release();
    },
  };
}

export async function loadFusedFine(
  config: FineConfig,
  weights: FineWeights<Matrix, EmbeddingTable>,
  { precision, ...options }: LoadOptions,
): Promise<FineStage> {
  const formats = FORMATS[precision];
  const { outputVocabularySize } = config;
  const session = await openSession(
    fusedFineGraph(config, weights, outputVocabularySize, formats.prompt),
    options,
  );
  const { positions, inputEmbeddings, heads } = weights;
  return fineStage(session, positions, { tables: inputEmbeddings, heads });
}

function fineStage(
  session: Session,
  positions: Float32Array,
  tables: Pick<FineStage, 'tables' | 'heads'>,
): FineStage {
  return { session, positions, ...tables, release: () => session.release() };
}

function tablesOf({
  inputEmbedding,
  positions,
}: Pick<CausalWeights<Matrix, EmbeddingTable>, 'inputEmbedding' | 'positions'>): CausalTables {
  return { tokens: inputEmbedding, positions };
}
