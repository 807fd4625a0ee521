/** How far one model's scores lie from another's, gathered over the steps of a stage. */
import {
  argmax,
  chooseId,
  softmax,
  type SamplingPlan,
} from '../../gpu-backend/pipeline/sampling.ts';

/** What may be chosen: ids from..until - 1. */
export interface Choice {
  readonly from: number;
  readonly until: number;
}

export interface Drift {
  readonly steps: number;
  /** Mean divergence of the other's distribution from the reference's, nats. */
  readonly klNats: number;
  /** Share of steps whose likeliest id is the same. */
  readonly sameTop: number;
  /** Share of steps at which the same draw takes the same id. */
  readonly sameDraw: number;
}

export class DriftMeter {
  readonly #plan: SamplingPlan;
  readonly #uniform: (step: number) => number;
  #steps = 0;
  #kl = 0;
  #sameTop = 0;
  #sameDraw = 0;

  constructor(plan: SamplingPlan, uniform: (step: number) => number) {
    this.#plan = plan;
    this.#uniform = uniform;
  }

  /** Compares the scores of one step. */
  add(reference: Float32Array, other: Float32Array, { from, until }: Choice): void {
    const uniform = this.#uniform(this.#steps);
    const draw = (scores: Float32Array): number =>
      chooseId(scores, from, until, this.#plan, () => uniform);
    const [p, q] = [reference, other].map((scores) => softmax(scores.subarray(from, until)));
    this.#kl += divergence(p ?? new Float64Array(), q ?? new Float64Array());
    this.#sameTop += argmax(reference, from, until) === argmax(other, from, until) ? 1 : 0;
    this.#sameDraw += draw(reference) === draw(other) ? 1 : 0;
    this.#steps += 1;
  }

  get drift(): Drift {
    return {
      steps: this.#steps,
      klNats: this.#kl / this.#steps,
      sameTop: this.#sameTop / this.#steps,
      sameDraw: this.#sameDraw / this.#steps,
    };
  }
}

function divergence(p: Float64Array, q: Float64Array): number {
  return p.reduce(
    (sum, value, i) =>
      value > 0 ? sum + value * Math.log(value / Math.max(q[i] ?? 0, 1e-30)) : sum,
    0,
  );
}
