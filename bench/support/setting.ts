/** What all benches of a run are given. */
import type { LatencyMode } from '../../shared/bark/options.ts';
import type { Limits } from './machine.ts';
import type { Subject } from './subject.ts';

export const MODES: readonly LatencyMode[] = ['exact', 'balanced', 'fast'];

export interface Setting {
  /** The small model's sizes; written on the first call. */
  readonly small: () => Promise<Subject>;
  readonly embedded: Subject;
  /** What the machine can do at most with so many threads; measured once a bench. */
  readonly limits: (threads: number) => Promise<Limits>;
  readonly rounds: number;
  readonly modes: readonly LatencyMode[];
  /** How many streams at once, ascending, beginning with 1. */
  readonly streams: readonly number[];
  /** Where the edge listens meanwhile; null takes any free port. */
  readonly port: number | null;
  /** A Python that has transformers. */
  readonly python: string;
}
