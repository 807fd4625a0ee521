/**
 * From scores to an id. Greedy takes the lowest index among equal maxima; sampling applies, in the
 * reference's order, temperature, top-k (ties survive) and top-p, then draws once from the softmax
 * by walking the ids upwards.
 */

/** The effective choices of a stage: request over checkpoint, nothing left open. */
export interface SamplingPlan {
  readonly doSample: boolean;
  /** > 0; 1 changes nothing. */
  readonly temperature: number;
  /** Null keeps all. */
  readonly topK: number | null;
  /** Null keeps all. */
  readonly topP: number | null;
}

/** The likeliest id in from..until - 1. */
export function argmax(scores: Float32Array, from = 0, until = scores.length): number {
  let best = from;
  let bestScore = scores[from] ?? Number.NEGATIVE_INFINITY;
  for (let id = from + 1; id < until; id += 1) {
    const score = scores[id] ?? Number.NEGATIVE_INFINITY;
    if (score > bestScore) {
      best = id;
      bestScore = score;
    }
  }
  return best;
}

/** One id in from..until - 1; ids whose score is -Infinity are never taken. `uniform` lies in [0, 1). */
export function chooseId(
  scores: Float32Array,
  from: number,
  until: number,
  plan: SamplingPlan,
  uniform: () => number,
): number {
  if (!plan.doSample) return argmax(scores, from, until);
  const probabilities = filteredProbabilities(scores.subarray(from, until), plan);
  return from + drawFrom(probabilities, uniform());
}

/** The distribution that is drawn from, [scores.length]; zero where a filter cut. */
export function filteredProbabilities(scores: Float32Array, plan: SamplingPlan): Float64Array {
  // in float32 as in the reference, where two scores may become equal, and so survive together
  const divisor = Math.fround(plan.temperature);
  const scaled = new Float64Array(scores.length);
  for (let i = 0; i < scaled.length; i += 1) scaled[i] = Math.fround((scores[i] ?? 0) / divisor);
  if (plan.topK !== null && plan.topK < scaled.length) {
    const threshold = kthLargest(scaled, plan.topK);
    for (let i = 0; i < scaled.length; i += 1) {
      if ((scaled[i] ?? 0) < threshold) scaled[i] = Number.NEGATIVE_INFINITY;
    }
  }
  const probabilities = softmax(scaled);
  return plan.topP === null || plan.topP >= 1 ? probabilities : keepTopP(probabilities, plan.topP);
}

/** exp(scores) normalised to sum 1, [scores.length], computed in doubles. */
export function softmax(scores: ArrayLike<number>): Float64Array {
  const result = new Float64Array(scores.length);
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < scores.length; i += 1) largest = Math.max(largest, scores[i] ?? 0);
  let sum = 0;
  for (let i = 0; i < scores.length; i += 1) {
    const score = scores[i] ?? 0;
    // most ids have been cut: their exponential is 0 without asking
    if (score === Number.NEGATIVE_INFINITY) continue;
    const value = Math.exp(score - largest);
    result[i] = value;
    sum += value;
  }
  for (let i = 0; i < result.length; i += 1) result[i] = (result[i] ?? 0) / sum;
  return result;
}

/** Drops the least likely ids whose probabilities together are at most 1 - topP, then renormalises. */
function keepTopP(probabilities: Float64Array, topP: number): Float64Array {
  const possible: number[] = [];
  probabilities.forEach((probability, id) => {
    if (probability > 0) possible.push(id);
  });
  possible.sort((a, b) => (probabilities[a] ?? 0) - (probabilities[b] ?? 0) || a - b);
  let cumulative = 0;
  let kept = 0;
  possible.forEach((id, index) => {
    const probability = probabilities[id] ?? 0;
    cumulative += probability;
    const isLikeliest = index === possible.length - 1;
    if (cumulative <= 1 - topP && !isLikeliest) probabilities[id] = 0;
    else kept += probability;
  });
  return probabilities.map((probability) => probability / kept);
}

/** Keeps the k largest so far in ascending order: few of many values ever touch it. */
function kthLargest(values: Float64Array, k: number): number {
  const largest = values.slice(0, k).toSorted();
  for (let i = k; i < values.length; i += 1) {
    const value = values[i] ?? Number.NEGATIVE_INFINITY;
    if (value <= (largest[0] ?? Number.NEGATIVE_INFINITY)) continue;
    let at = 0;
    while (at + 1 < k && (largest[at + 1] ?? value) < value) {
      largest[at] = largest[at + 1] ?? value;
      at += 1;
    }
    largest[at] = value;
  }
  return largest[0] ?? Number.NEGATIVE_INFINITY;
}

/** Inverse of the cumulative distribution at `uniform`. */
function drawFrom(probabilities: Float64Array, uniform: number): number {
  let cumulative = 0;
  let lastPossible = 0;
  for (let id = 0; id < probabilities.length; id += 1) {
    const probability = probabilities[id] ?? 0;
    if (probability === 0) continue;
    cumulative += probability;
    lastPossible = id;
    if (uniform < cumulative) return id;
  }
  // rounding may leave the sum just below 1
  return lastPossible;
}
