/** Weight normalisation, folded: the codec stores a direction v and a length g instead of the weight itself. */
import { CheckpointError } from './checkpoint-error.ts';
import { countElements, type Tensor, type TensorSource } from './tensors.ts';

/** The two spellings of the pair: torch before 2.1 (the published files) and since. */
const SPELLINGS = [
  { g: 'weight_g', v: 'weight_v' },
  { g: 'parametrizations.weight.original0', v: 'parametrizations.weight.original1' },
];

/**
 * The effective weight of the layer `prefix`: the plain `weight` if there is one, else v * g / ||v||.
 * Throws CheckpointError if neither is there or g does not fit v.
 */
export async function readNormedWeight(tensors: TensorSource, prefix: string): Promise<Tensor> {
  const spelling = SPELLINGS.find(({ v }) => tensors.has(`${prefix}.${v}`));
  if (spelling === undefined) return tensors.read(`${prefix}.weight`);
  // before reading, so that a wrong shape costs no memory
  const lengths = countElements(tensors.info(`${prefix}.${spelling.g}`).shape);
  const [directions] = tensors.info(`${prefix}.${spelling.v}`).shape;
  if (lengths !== directions) {
    throw new CheckpointError(
      `${tensors.path}: ${prefix}.${spelling.g} has ${lengths} lengths for the ${directions} directions of ${spelling.v}; the checkpoint is damaged.`,
    );
  }
  const g = await tensors.read(`${prefix}.${spelling.g}`);
  const v = await tensors.read(`${prefix}.${spelling.v}`);
  return { shape: v.shape, data: foldWeightNorm(v.data, g.data) };
}

/**
 * Scales each of the `g.length` equal rows of `v` to the length that `g` gives it, in place, and returns `v`.
 * The norm is over all axes but the first, also for transposed convolutions, whose first axis is the input.
 */
export function foldWeightNorm(
  v: Float32Array<ArrayBuffer>,
  g: Float32Array,
): Float32Array<ArrayBuffer> {
  const rowLength = v.length / g.length;
  for (let row = 0; row < g.length; row += 1) {
    const values = v.subarray(row * rowLength, (row + 1) * rowLength);
    const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    const scale = (g[row] ?? 0) / norm;
    for (let i = 0; i < values.length; i += 1) values[i] = (values[i] ?? 0) * scale;
  }
  return v;
}
