/** One utterance through a decoder's graph, whose state is carried from chunk to chunk. */
import { waveform, type FineCodes, type Waveform } from '#shared/bark/shapes.ts';
import type { CodecStream } from './codec-model.ts';

/** A state tensor, zero at the beginning of an utterance: input `name`, output `next_name`. */
export interface CodecState {
  readonly name: string;
  readonly shape: readonly number[];
}

/** One run of the graph. */
export interface CodecRun {
  /** [codebooks, frames] row by row. */
  readonly codes: FineCodes;
  /** Whether it begins the utterance. */
  readonly isFirst: boolean;
  /** Values of the states by name; the run may not change them. */
  readonly states: ReadonlyMap<string, Float32Array>;
}

/** Runs the graph; answers its outputs, `audio` and `next_...`, each of which the caller owns. */
export type RunCodec = (
  run: CodecRun,
  signal: AbortSignal,
) => Promise<Readonly<Record<string, Float32Array>>>;

export class StatefulStream implements CodecStream {
  readonly #run: RunCodec;
  #states: Map<string, Float32Array>;
  #isFirst = true;

  constructor(states: readonly CodecState[], run: RunCodec) {
    this.#run = run;
    this.#states = new Map(
      states.map(({ name, shape }) => [name, new Float32Array(shape.reduce(product, 1))]),
    );
  }

  async decode(codes: FineCodes, signal: AbortSignal): Promise<Waveform> {
    if (codes.length === 0) return waveform(new Float32Array(0));
    const run = { codes, isFirst: this.#isFirst, states: this.#states };
    const outputs = await this.#run(run, signal);
    this.#states = new Map(
      Array.from(this.#states.keys(), (name) => [name, output(outputs, `next_${name}`)]),
    );
    this.#isFirst = false;
    return waveform(output(outputs, 'audio'));
  }

  close(): void {
    this.#states.clear();
  }
}

function output(outputs: Readonly<Record<string, Float32Array>>, name: string): Float32Array {
  const found = outputs[name];
  if (found === undefined) throw new TypeError(`The graph gives no ${name}.`);
  return found;
}

function product(left: number, right: number): number {
  return left * right;
}
