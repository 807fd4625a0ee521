/**
 * The semantic or the coarse stage on the C API: caches are written in place, and whatever sequences wait
 * for their next step are advanced by one run. A row's numbers do not depend on its neighbours.
 */
import type { TransformerConfig } from '../checkpoint/config.ts';
import type { CausalModel, PromptPart, Sequence } from '../pipeline/models.ts';
import type { CacheType } from './cache-slab.ts';
import type { OrtLibrary } from './ort-api/library.ts';
import { NativeSequence, Place } from './native-sequence.ts';
import type { NativeSession } from './ort-api/native-session.ts';
import { countPositions, promptRows, type CausalTables } from './prompt-rows.ts';
import { RowRunner, type RowInput } from './row-runner.ts';
import type { Releasable, Stage, StageKeeper } from './stage-keeper.ts';

/** What is in memory while the stage works. */
export interface NativeCausalStage extends Releasable {
  readonly tables: CausalTables;
  /** Reads several positions of one sequence. */
  readonly prompt: NativeSession;
  /** Reads one position of several sequences; may be the same session. */
  readonly step: NativeSession;
}

/** Of the memory that sequences share. */
export interface RowSettings {
  /** Most sequences that one run advances. */
  readonly rows: number;
  /** What the graphs of the stage read and write. */
  readonly cache: CacheType;
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
  readonly #rows: RowSettings;
  readonly #slabs: Set<RowRunner>;
  #pending: Pending[] = [];
  #isScheduled = false;

  private constructor(
    library: OrtLibrary,
    config: TransformerConfig,
    stage: Stage<NativeCausalStage>,
    slabs: Set<RowRunner>,
    rows: RowSettings,
  ) {
    this.vocabularySize = config.outputVocabularySize;
    this.blockSize = config.blockSize;
    this.#library = library;
    this.#config = config;
    this.#stage = stage;
    this.#slabs = slabs;
    this.#rows = rows;
  }

  /** `load` is called by the keeper. */
  static async create(
    library: OrtLibrary,
    config: TransformerConfig,
    rows: RowSettings,
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
    return new NativeSequence((...append) => this.#append(...append));
  }

  /** Appends to a sequence, together with whoever else asks in the same turn of the loop. */
  async #append(
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
    const runner = new RowRunner(this.#library, this.#config, this.#rows.rows, this.#rows.cache);
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
    if (prompt !== undefined) {
      settle([prompt], (runner, [input]) =>
        input === undefined ? [] : [runner.prompt(stage.prompt, input)],
      );
    }
    for (const runner of this.#slabs) {
      const here = steps.filter(({ sequence }) => sequence.place?.runner === runner);
      for (const group of neighbours(here)) {
        settle(group, (_, inputs) => runner.step(stage.step, inputs));
      }
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
function settle(
  group: readonly Pending[],
  run: (runner: RowRunner, inputs: readonly RowInput[]) => readonly Float32Array[],
): void {
  try {
    const runner = group[0]?.sequence.place?.runner;
    if (runner === undefined) throw new Error('The sequence is closed.');
    const scores = run(
      runner,
      group.map((one) => ({ row: rowOf(one), hidden: one.hidden })),
    );
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
