/**
 * Who speaks next: a bounded queue before the engine. Each socket has a lane, lanes take turns, so
 * that one socket with many sentences does not make another wait for all of them.
 */
import { SpeechFault } from '#shared/errors.ts';
import type { Clock } from './clock.ts';

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
  /** Settles when the engine is free: with the function that gives it back, or the signal's reason. */
  readonly turn: Promise<() => void>;
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
    const { promise, resolve, reject } = Promise.withResolvers<() => void>();
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

  #turn(): () => void {
    this.#speaking += 1;
    const beganMs = this.#clock.now();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#speaking -= 1;
      this.#turnMs += NEWEST_TURN_WEIGHT * (this.#clock.now() - beganMs - this.#turnMs);
      this.#next();
    };
  }

  #next(): void {
    const first = this.#lanes.entries().next().value;
    if (first === undefined || this.#speaking >= this.#concurrency) return;
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
