/**
 * The semantic or the coarse stage on the C API: caches are written in place, and whatever sequences wait
 * for their next step are advanced by one run. A row's numbers do not depend on its neighbours.
 */
import type { TransformerConfig } from '../checkpoint/config.ts';
import type { CausalModel, PromptPart, Sequence } from '../pipeline/models.ts';
import { CacheSlab } from './cache-slab.ts';
import type { OrtLibrary } from './ort-api/library.ts';
import { NativeBinding, NativeTensor, type NativeSession } from './ort-api/native-session.ts';
import { countPositions, promptRows, type CausalTables } from './prompt-rows.ts';
import type { Releasable, Stage, StageKeeper } from './stage-keeper.ts';

/** What is in memory while the stage works. */
export interface NativeCausalStage extends Releasable {
  readonly tables: CausalTables;
  /** Reads several positions of one sequence. */
  readonly prompt: NativeSession;
  /** Reads one position of several sequences; may be the same session. */
  readonly step: NativeSession;
}

/** A row that has nothing to do costs less than another run, up to this many between two that have. */
const WIDEST_GAP = 2;

interface Pending {
  readonly sequence: NativeSequence;
  /** [positions, h] */
  readonly hidden: Float32Array;
  /** Several positions, or the first: read alone. */
  readonly isPrompt: boolean;
  readonly signal: AbortSignal;
  readonly resolve: (scores: Float32Array) => void;
  readonly reject: (reason: unknown) => void;
}

export class NativeCausalModel implements CausalModel {
  readonly vocabularySize: number;
  readonly blockSize: number;
  readonly #library: OrtLibrary;
  readonly #config: TransformerConfig;
  readonly #stage: Stage<NativeCausalStage>;
  readonly #rows: number;
  readonly #slabs: Set<RowRunner>;
  #pending: Pending[] = [];
  #isScheduled = false;

  private constructor(
    library: OrtLibrary,
    config: TransformerConfig,
    stage: Stage<NativeCausalStage>,
    slabs: Set<RowRunner>,
    rows: number,
  ) {
    this.vocabularySize = config.outputVocabularySize;
    this.blockSize = config.blockSize;
    this.#library = library;
    this.#config = config;
    this.#stage = stage;
    this.#slabs = slabs;
    this.#rows = rows;
  }

  /** `rows` sequences at most are advanced by one run; `load` is called by the keeper. */
  static async create(
    library: OrtLibrary,
    config: TransformerConfig,
    rows: number,
    load: () => Promise<NativeCausalStage>,
    keeper: StageKeeper,
  ): Promise<NativeCausalModel> {
    const slabs = new Set<RowRunner>();
    const stage = await keeper.add(async () => {
      const loaded = await load();
      return {
        ...loaded,
        async release() {
          // bindings refer to the sessions; caches outlive them only while a sequence has a row
          for (const runner of slabs) {
            runner.release();
            if (runner.slab.isUnused) slabs.delete(runner);
          }
          await loaded.release();
        },
      };
    });
    return new NativeCausalModel(library, config, stage, slabs, rows);
  }

  open(): Sequence {
    return new NativeSequence(this);
  }

  /** Appends to a sequence, together with whoever else asks in the same turn of the loop. */
  async append(
    sequence: NativeSequence,
    parts: readonly PromptPart[],
    signal: AbortSignal,
  ): Promise<Float32Array> {
    const past = sequence.place?.length ?? 0;
    const count = countPositions(parts);
    if (past + count > this.blockSize) {
      throw new RangeError(
        `The model has ${this.blockSize} positions; ${past + count} are wanted.`,
      );
    }
    if (count === 0) throw new RangeError('There is no position to append.');
    sequence.place ??= this.#place();
    const { tables } = await this.#stage.get();
    const hidden = promptRows(tables, parts, past, this.#config.hiddenSize);
    const isPrompt = past === 0 || count > 1;
    return await new Promise((resolve, reject) => {
      this.#pending.push({ sequence, hidden, isPrompt, signal, resolve, reject });
      this.#schedule();
    });
  }

  #place(): Place {
    const release = this.#stage.hold();
    for (const runner of this.#slabs) {
      const row = runner.slab.take();
      if (row !== null) return new Place(runner, row, () => this.#leave(runner, row, release));
    }
    const runner = new RowRunner(this.#library, this.#config, this.#rows);
    this.#slabs.add(runner);
    const row = runner.slab.take() ?? 0;
    return new Place(runner, row, () => this.#leave(runner, row, release));
  }

  #leave(runner: RowRunner, row: number, release: () => void): void {
    runner.slab.give(row);
    // the first slab stays: its memory will be wanted by the next window
    if (runner.slab.isUnused && this.#slabs.size > 1) {
      runner.release();
      this.#slabs.delete(runner);
    }
    release();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // a fresh turn: messages that came in meanwhile, cancellations above all, are seen first
    setImmediate(() => {
      this.#isScheduled = false;
      this.#advance().catch((error: unknown) => {
        for (const { reject } of this.#pending.splice(0)) reject(error);
      });
    });
  }

  /** One prompt, if any waits, and all steps that wait. */
  async #advance(): Promise<void> {
    const stage = await this.#stage.get();
    const alive = this.#pending.splice(0).filter(isWanted);
    const prompts = alive.filter(({ isPrompt }) => isPrompt);
    const steps = alive.filter(({ isPrompt }) => !isPrompt);
    const [prompt, ...otherPrompts] = prompts;
    if (otherPrompts.length > 0) {
      this.#pending.push(...otherPrompts);
      this.#schedule();
    }
    if (prompt !== undefined)
      settle([prompt], (place) => place.runner.prompt(stage, prompt, place));
    for (const runner of this.#slabs) {
      const here = steps.filter(({ sequence }) => sequence.place?.runner === runner);
      for (const group of neighbours(here)) settle(group, () => runner.step(stage, group));
    }
  }
}

function isWanted({ sequence, signal, reject }: Pending): boolean {
  if (sequence.isClosed) reject(new Error('The sequence is closed.'));
  else if (signal.aborted) reject(signal.reason);
  else return true;
  return false;
}

/** Runs, then answers each of the group with its scores, or all with what went wrong. */
function settle(group: readonly Pending[], run: (place: Place) => readonly Float32Array[]): void {
  try {
    const [first] = group;
    const place = first?.sequence.place;
    if (place === undefined || place === null) throw new Error('The sequence is closed.');
    const scores = run(place);
    for (const [i, { resolve }] of group.entries()) resolve(scores[i] ?? new Float32Array(0));
  } catch (error) {
    for (const { reject } of group) reject(error);
  }
}

/** Steps by row, parted where too many rows between them have nothing to do. */
function neighbours(steps: readonly Pending[]): Pending[][] {
  const groups: Pending[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const step of steps.toSorted((a, b) => rowOf(a) - rowOf(b))) {
    if (rowOf(step) - last - 1 <= WIDEST_GAP) groups.at(-1)?.push(step);
    else groups.push([step]);
    last = rowOf(step);
  }
  return groups;
}

function rowOf({ sequence }: Pending): number {
  return sequence.place?.row ?? 0;
}

/** A row of a slab, while a sequence has it. */
class Place {
  readonly runner: RowRunner;
  readonly row: number;
  readonly leave: () => void;

  constructor(runner: RowRunner, row: number, leave: () => void) {
    this.runner = runner;
    this.row = row;
    this.leave = leave;
  }

  get length(): number {
    return this.runner.slab.lengths[this.row] ?? 0;
  }
}

class NativeSequence implements Sequence {
  readonly #model: NativeCausalModel;
  /** Null before the first call. */
  place: Place | null = null;
  isClosed = false;
  #isWaiting = false;

  constructor(model: NativeCausalModel) {
    this.#model = model;
  }

  async append(parts: readonly PromptPart[], signal: AbortSignal): Promise<Float32Array> {
    signal.throwIfAborted();
    if (this.isClosed) throw new Error('The sequence is closed.');
    if (this.#isWaiting) throw new Error('The sequence is being appended to already.');
    this.#isWaiting = true;
    try {
      return await this.#model.append(this, parts, signal);
    } finally {
      this.#isWaiting = false;
    }
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.place?.leave();
    this.place = null;
  }
}

/** Runs sessions over the rows of one slab. */
class RowRunner {
  readonly slab: CacheSlab;
  readonly #library: OrtLibrary;
  readonly #width: number;
  readonly #vocabulary: number;
  readonly #hidden: Float32Array;
  readonly #logits: Float32Array;
  readonly #last: Int32Array;
  readonly #total: Int32Array;
  /** By first row and count; made for one session. */
  readonly #bindings = new Map<string, NativeBinding>();
  #boundTo: NativeSession | null = null;

  constructor(library: OrtLibrary, config: TransformerConfig, rows: number) {
    this.slab = new CacheSlab(config, rows);
    this.#library = library;
    this.#width = config.hiddenSize;
    this.#vocabulary = config.outputVocabularySize;
    // buffers are made before their views, so that they never lie on V8's heap
    this.#hidden = new Float32Array(new ArrayBuffer(rows * this.#width * 4));
    this.#logits = new Float32Array(new ArrayBuffer(rows * this.#vocabulary * 4));
    this.#last = new Int32Array(new ArrayBuffer(rows * 4));
    this.#total = new Int32Array(new ArrayBuffer(4));
  }

  /** Several positions of one row. */
  prompt(
    { prompt }: NativeCausalStage,
    { hidden }: { readonly hidden: Float32Array },
    { row, length }: Place,
  ): readonly Float32Array[] {
    const count = hidden.length / this.#width;
    this.#last[0] = length + count - 1;
    this.#total[0] = length + count;
    const binding = this.#bind(prompt, row, 1, hidden, count);
    try {
      binding.run('given-back');
    } finally {
      binding.release();
    }
    this.slab.lengths[row] = length + count;
    return [this.#logits.slice(0, this.#vocabulary)];
  }

  /** One position of each of the group; rows between them pass through and are not kept. */
  step({ step }: NativeCausalStage, group: readonly Pending[]): readonly Float32Array[] {
    const { slab } = this;
    const rows = group.map(rowOf);
    const first = rows.at(0) ?? 0;
    const count = (rows.at(-1) ?? 0) - first + 1;
    this.#hidden.fill(0, 0, count * this.#width);
    for (const [i, { hidden }] of group.entries()) {
      this.#hidden.set(hidden, ((rows[i] ?? 0) - first) * this.#width);
    }
    let total = 0;
    for (let i = 0; i < count; i += 1) {
      // an idle row writes beyond its end, where nobody reads; a full one has no next position to spoil
      const length = Math.min(slab.lengths[first + i] ?? 0, slab.capacity - 1);
      this.#last[i] = length;
      total = Math.max(total, length + 1);
    }
    this.#total[0] = total;
    this.#bound(step, first, count).run('kept');
    for (const row of rows) slab.lengths[row] = (slab.lengths[row] ?? 0) + 1;
    return rows.map((row) => {
      const from = (row - first) * this.#vocabulary;
      return this.#logits.slice(from, from + this.#vocabulary);
    });
  }

  release(): void {
    for (const binding of this.#bindings.values()) binding.release();
    this.#bindings.clear();
    this.#boundTo = null;
  }

  #bound(session: NativeSession, first: number, count: number): NativeBinding {
    if (this.#boundTo !== session) this.release();
    this.#boundTo = session;
    const key = `${first}+${count}`;
    const known = this.#bindings.get(key);
    if (known !== undefined) return known;
    const hidden = this.#hidden.subarray(0, count * this.#width);
    const made = this.#bind(session, first, count, hidden, 1);
    this.#bindings.set(key, made);
    return made;
  }

  #bind(
    session: NativeSession,
    first: number,
    count: number,
    hidden: Float32Array,
    positions: number,
  ): NativeBinding {
    const tensor = (memory: Float32Array | Int32Array, shape: readonly number[]): NativeTensor =>
      new NativeTensor(
        this.#library,
        memory instanceof Float32Array ? 'float32' : 'int32',
        memory,
        shape,
      );
    const inputs: Record<string, NativeTensor> = {
      hidden: tensor(hidden, [count, positions, this.#width]),
      last: tensor(this.#last.subarray(0, count), [count]),
      total: tensor(this.#total, []),
    };
    const outputs: Record<string, NativeTensor> = {
      logits: tensor(this.#logits.subarray(0, count * this.#vocabulary), [
        count,
        1,
        this.#vocabulary,
      ]),
    };
    for (const { name, memory } of this.slab.views(first, count)) {
      const cache = tensor(memory, this.slab.shape(count));
      inputs[`past_${name}`] = cache;
      outputs[`present_${name}`] = cache;
    }
    return new NativeBinding(this.#library, session, inputs, outputs);
  }
}
