/** What one level of values[from..until) stands for when the largest of them becomes `top`. */
export function scaleOf(values: Float32Array, from: number, until: number, top: number): number {
  let largest = 0;
  for (let i = from; i < until; i += 1) {
    const size = Math.abs(values[i] ?? 0);
    if (size > largest) largest = size;
  }
  return largest / top;
}
