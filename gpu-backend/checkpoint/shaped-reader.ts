/** Reads tensors of which the shape is known beforehand, and the parts that layers are made of. */
import { CheckpointError } from './checkpoint-error.ts';
import type { TransformerConfig } from './config.ts';
import type { StoredTensor, TensorSource } from './tensors.ts';
import { readNormedWeight } from './weight-norm.ts';
import type { WeightForms } from './weights.ts';

/** Reads one tensor by its name after a prefix; throws CheckpointError unless it has this shape. */
export type ShapedReader = (
  name: string,
  shape: readonly number[],
) => Promise<Float32Array<ArrayBuffer>>;

/** A reader of the tensors whose names begin with `prefix`. */
export function readerOf(tensors: TensorSource, prefix: string): ShapedReader {
  return async (name, shape) => {
    // before reading, so that a wrong config costs no memory
    checkShape(tensors, prefix + name, tensors.info(prefix + name).shape, shape);
    return (await tensors.read(prefix + name)).data;
  };
}

/** As `readerOf`, but nothing is widened. */
export function storedReaderOf(
  tensors: TensorSource,
  prefix: string,
): (name: string, shape: readonly number[]) => Promise<StoredTensor> {
  return async (name, shape) => {
    checkShape(tensors, prefix + name, tensors.info(prefix + name).shape, shape);
    return await tensors.readStored(prefix + name);
  };
}

/** All layers of a transformer, named after `prefix`; `normBias` tells whether their layer norms have a bias. */
export async function readLayers<Matrix>(
  tensors: TensorSource,
  prefix: string,
  { layers, hiddenSize: h, bias }: TransformerConfig,
  normBias: boolean,
  { matrix }: Pick<WeightForms<Matrix, unknown>, 'matrix'>,
) {
  const read = readerOf(tensors, prefix);
  const readStored = storedReaderOf(tensors, prefix);
  const readLinear = async (name: string, [outputs, inputs]: readonly [number, number]) => ({
    weight: matrix(await readStored(`${name}.weight`, [outputs, inputs]), outputs, inputs),
    bias: bias ? await read(`${name}.bias`, [outputs]) : null,
  });
  const blocks = [];
  for (let i = 0; i < layers; i += 1) {
    const layer = `layers.${i}.`;
    blocks.push({
      ln1: await readNorm(read, `${layer}layernorm_1`, h, normBias),
      attProj: await readLinear(`${layer}attn.att_proj`, [3 * h, h]),
      outProj: await readLinear(`${layer}attn.out_proj`, [h, h]),
      ln2: await readNorm(read, `${layer}layernorm_2`, h, normBias),
      mlpIn: await readLinear(`${layer}mlp.in_proj`, [4 * h, h]),
      mlpOut: await readLinear(`${layer}mlp.out_proj`, [h, 4 * h]),
    });
  }
  return blocks;
}

/** A layer norm over `size` values. */
export async function readNorm(read: ShapedReader, name: string, size: number, bias: boolean) {
  return {
    weight: await read(`${name}.weight`, [size]),
    bias: bias ? await read(`${name}.bias`, [size]) : null,
  };
}

/** The convolution `layer` with weight [outputs, inputs, kernel]. */
export async function readConv(
  tensors: TensorSource,
  layer: string,
  [outputs, inputs, kernel]: readonly [number, number, number],
  dilation = 1,
) {
  const weight = await readConvWeight(tensors, layer, [outputs, inputs, kernel]);
  const bias = await readerOf(tensors, `${layer}.conv.`)('bias', [outputs]);
  return { weight, bias, inputs, outputs, kernel, dilation };
}

/** The transposed convolution `layer` with weight [inputs, outputs, kernel]. */
export async function readTransposed(
  tensors: TensorSource,
  layer: string,
  [inputs, outputs, kernel]: readonly [number, number, number],
) {
  const weight = await readConvWeight(tensors, layer, [inputs, outputs, kernel]);
  const bias = await readerOf(tensors, `${layer}.conv.`)('bias', [outputs]);
  return { weight, bias, inputs, outputs, kernel, dilation: 1 };
}

async function readConvWeight(
  tensors: TensorSource,
  layer: string,
  expected: readonly number[],
): Promise<Float32Array<ArrayBuffer>> {
  const { shape, data } = await readNormedWeight(tensors, `${layer}.conv`);
  checkShape(tensors, `${layer}.conv weight`, shape, expected);
  return data;
}

function checkShape(
  { path }: TensorSource,
  name: string,
  shape: readonly number[],
  expected: readonly number[],
): void {
  if (shape.length === expected.length && shape.every((size, i) => size === expected[i])) return;
  throw new CheckpointError(
    `${path}: ${name} has the shape [${shape.join(', ')}], by config.json it should be [${expected.join(', ')}]; the files do not belong together.`,
  );
}
