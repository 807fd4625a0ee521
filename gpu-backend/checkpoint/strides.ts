/** Views into a storage: how far apart the elements of each axis lie. */
import { countElements } from './tensors.ts';

/** Whether the elements lie one after the other in C order; strides of axes of length 1 do not matter. */
export function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  if (countElements(shape) === 0) return true;
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
    const size = shape[axis] ?? 1;
    if (size !== 1 && strides[axis] !== expected) return false;
    expected *= size;
  }
  return true;
}

/** Elements from the first to the last of a view, both included. */
export function spanElements(shape: readonly number[], strides: readonly number[]): number {
  if (countElements(shape) === 0) return 0;
  return shape.reduce((sum, size, axis) => sum + (size - 1) * (strides[axis] ?? 0), 1);
}

/** The view in C order; `span` begins with its first element. */
export function gatherStrided(
  span: Float32Array,
  shape: readonly number[],
  strides: readonly number[],
): Float32Array<ArrayBuffer> {
  const gathered = new Float32Array(countElements(shape));
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < gathered.length; to += 1) {
    gathered[to] = span[from] ?? 0;
    // count up like an odometer, the last axis fastest
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      const next = (index[axis] ?? 0) + 1;
      const stride = strides[axis] ?? 0;
      if (next < (shape[axis] ?? 0)) {
        index[axis] = next;
        from += stride;
        break;
      }
      index[axis] = 0;
      from -= (next - 1) * stride;
    }
  }
  return gathered;
}
