/** What an inspection finds wrong, part by part: one fault does not hide the others. */
import { CheckpointError } from '../../checkpoint/checkpoint-error.ts';
import { ProcessorError } from '../../processor/processor-error.ts';

export type Part = 'config' | 'weights' | 'tokenizer' | 'voices' | 'encoder' | 'origin';

export interface Fault {
  readonly part: Part;
  /** A sentence that names the file, the fault and what helps. */
  readonly message: string;
}

/** Parts without which nothing can be said. */
const VITAL: ReadonlySet<Part> = new Set(['config', 'weights', 'tokenizer']);

export class Findings {
  readonly faults: Fault[] = [];
  /** What it can do without. */
  readonly notes: string[] = [];

  add(part: Part, message: string): void {
    this.faults.push({ part, message });
  }

  /** What `read` finds; null, and a fault of `part`, where it refuses. */
  async attempt<Result>(part: Part, read: () => Promise<Result>): Promise<Result | null> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof CheckpointError || error instanceof ProcessorError)) throw error;
      this.add(part, error.message);
      return null;
    }
  }

  /** Whether it speaks all the same, though perhaps not in every voice. */
  get canSpeak(): boolean {
    return this.faults.every(({ part }) => !VITAL.has(part));
  }
}
