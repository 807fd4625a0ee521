/**
 * Who speaks next: a bounded queue before the engine. Each socket has a lane, lanes take turns, so
 * that one socket with many sentences does not make another wait for all of them.
 */
import { SpeechFault } from '#shared/errors.ts';
import type { Clock } from '../clock.ts';
import { waitUntil } from './waiting.ts';

/** What a turn is thought to last before one was measured. */
const FIRST_GUESS_TURN_MS = 5_000;

/** Weight of the newest turn in the estimate of how long one lasts. */
const NEWEST_TURN_WEIGHT = 0.3;

interface QueueOptions {
  /** Most requests that wait; those that speak do not count. */
  readonly capacity: number;
  /** How many may speak at the same time. */
  readonly concurrency?: number;
  readonly clock: Clock;
}

/** A place in the queue. */
export interface Place {
  /** 0 speaks at once, 1 is next. */
  readonly position: number;
  /** Settles when the engine is free, or with the signal's reason. */
  readonly turn: Promise<Turn>;
}

/** The engine, for a while. */
export interface Turn {
  /** Lets others have the engine while this request waits for its reader; it keeps its half-spoken sentence. */
  pause(): void;
  /** Takes the engine again, before all who have not begun. */
  resume(signal: AbortSignal): Promise<void>;
  /** Gives the engine back for good. */
  end(): void;
}

interface Waiter {
  readonly begin: () => void;
}

export class SpeechQueue {
  readonly #capacity: number;
  readonly #concurrency: number;
  readonly #clock: Clock;
  // insertion order is the order of turns: a lane that was served goes to the end
  readonly #lanes = new Map<object, Waiter[]>();
  /** Who paused and would go on; served before the lanes. */
  readonly #resuming: Waiter[] = [];
  #waiting = 0;
  #speaking = 0;
  #turnMs = FIRST_GUESS_TURN_MS;

  constructor({ capacity, concurrency = 1, clock }: QueueOptions) {
    this.#capacity = capacity;
    this.#concurrency = concurrency;
    this.#clock = clock;
  }

  get waiting(): number {
    return this.#waiting;
  }

  get speaking(): number {
    return this.#speaking;
  }

  /** When a new request might find a place, in milliseconds. */
  get retryAfterMs(): number {
    return Math.ceil(this.#turnMs / this.#concurrency);
  }

  /** Takes a place in the lane, or throws `busy`. When `signal` aborts the place is free again. */
  enter(lane: object, signal: AbortSignal): Place {
    signal.throwIfAborted();
    const mustWait = this.#speaking >= this.#concurrency;
    if (mustWait && this.#waiting >= this.#capacity) throw this.#busy();
    const position = mustWait ? this.#waiting + 1 : 0;
    const { promise, resolve, reject } = Promise.withResolvers<Turn>();
    // who never asks for the turn must not see its refusal as unhandled
    promise.catch(() => undefined);
    const onAbort = (): void => {
      this.#leave(lane, waiter);
      reject(signal.reason);
    };
    const waiter: Waiter = {
      begin: () => {
        signal.removeEventListener('abort', onAbort);
        resolve(this.#turn());
      },
    };
    if (!mustWait) {
      waiter.begin();
      return { position, turn: promise };
    }
    signal.addEventListener('abort', onAbort, { once: true });
    const waiters = this.#lanes.get(lane);
    if (waiters === undefined) this.#lanes.set(lane, [waiter]);
    else waiters.push(waiter);
    this.#waiting += 1;
    return { position, turn: promise };
  }

  #busy(): SpeechFault {
    const seconds = Math.ceil(this.retryAfterMs / 1_000);
    return new SpeechFault(
      'busy',
      `The queue is full: ${this.#waiting} requests wait, this one would be number ${this.#waiting + 1}. Try again in ${seconds} s.`,
      { retryAfterMs: this.retryAfterMs },
    );
  }

  #turn(): Turn {
    let beganMs = this.#clock.now();
    let workedMs = 0;
    let state: 'speaking' | 'paused' | 'ended' = 'speaking';
    this.#speaking += 1;
    const letGo = (next: 'paused' | 'ended'): void => {
      if (state === 'speaking') {
        workedMs += this.#clock.now() - beganMs;
        this.#speaking -= 1;
      }
      state = next;
      this.#next();
    };
    return {
      pause: () => {
        if (state === 'speaking') letGo('paused');
      },
      resume: async (signal) => {
        if (state !== 'paused') return;
        await this.#again(signal);
        beganMs = this.#clock.now();
        state = 'speaking';
      },
      end: () => {
        if (state === 'ended') return;
        letGo('ended');
        this.#turnMs += NEWEST_TURN_WEIGHT * (workedMs - this.#turnMs);
      },
    };
  }

  /** Waits for the engine on behalf of a request that has begun; counts it as speaking once it resolves. */
  #again(signal: AbortSignal): Promise<void> {
    return waitUntil<void>(signal, (resolve) => {
      const waiter: Waiter = {
        begin: () => {
          // gone in the same moment: the next one, please
          if (signal.aborted) {
            this.#next();
            return;
          }
          this.#speaking += 1;
          resolve();
        },
      };
      this.#resuming.push(waiter);
      this.#next();
      return () => {
        const index = this.#resuming.indexOf(waiter);
        if (index >= 0) this.#resuming.splice(index, 1);
      };
    });
  }

  #next(): void {
    if (this.#speaking >= this.#concurrency) return;
    const resumed = this.#resuming.shift();
    if (resumed !== undefined) {
      resumed.begin();
      return;
    }
    const first = this.#lanes.entries().next().value;
    if (first === undefined) return;
    const [lane, waiters] = first;
    this.#lanes.delete(lane);
    const waiter = waiters.shift();
    if (waiters.length > 0) this.#lanes.set(lane, waiters);
    this.#waiting -= 1;
    waiter?.begin();
  }

  #leave(lane: object, waiter: Waiter): void {
    const waiters = this.#lanes.get(lane);
    const index = waiters?.indexOf(waiter) ?? -1;
    if (waiters === undefined || index < 0) return;
    waiters.splice(index, 1);
    if (waiters.length === 0) this.#lanes.delete(lane);
    this.#waiting -= 1;
  }
}
