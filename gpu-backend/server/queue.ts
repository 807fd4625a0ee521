/**
 * Who speaks next: a bounded queue before the engine. Each caller has a lane, lanes take turns, so
 * that one caller with many sentences does not make another wait for all of them. A text that has
 * begun goes on before others begin, as soon as its listener has little left to hear.
 */
import { SpeechFault } from '#shared/errors.ts';
import type { Clock } from '../clock.ts';
import { COMFORT_MS, NEED_MS, Playback } from '../playback.ts';
import { TurnTimes } from './turn-times.ts';

/** How many sentences may be half spoken, paused ones included, for each that may be spoken at a time. */
const HALF_SPOKEN_PER_STREAM = 8;

/** With so many of them no other text begins; the rest is for texts that go on. */
const HALF_SPOKEN_TO_BEGIN = 7;

/** One lane has at most so many of them, so that its paused readers leave places to others. */
const HALF_SPOKEN_PER_LANE = 6;

/** A refused request is not asked back sooner. */
const SHORTEST_RETRY_MS = 1_000;

interface QueueOptions {
  /** Most requests that wait to begin; those that speak, and texts that go on, do not count. */
  readonly capacity: number;
  /** How many may speak at the same time. */
  readonly concurrency?: number;
  readonly clock: Clock;
}

/** What a request says of itself. */
export interface Entrant {
  /** Whose request it is: one lane a caller. */
  readonly lane: unknown;
  readonly signal: AbortSignal;
  /** How long its listener will wait for the first sound, in milliseconds; for ever unless given. */
  readonly patienceMs?: number;
  /** Of a text that was heard before: what its listener has of it. It is never refused. */
  readonly continues?: Playback;
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
  /** Sound of this length has left. */
  heard(durationMs: number): void;
  /** Lets others have the engine while this request waits for its reader; it keeps its half-spoken sentence. */
  pause(): void;
  /** Takes the engine again, at once: who is being heard waits for nobody. */
  resume(): void;
  /** Gives the engine back for good. */
  end(): void;
}

interface Waiter {
  readonly begin: () => void;
}

interface Continuing extends Waiter {
  /** From when on it goes before those who have not begun. */
  readonly dueMs: number;
}

/** A sentence that is being spoken or is paused. */
interface Speaking {
  readonly lane: unknown;
  readonly playback: Playback;
  isPaused: boolean;
}

export class SpeechQueue {
  readonly #capacity: number;
  readonly #concurrency: number;
  readonly #clock: Clock;
  readonly #times = new TurnTimes();
  // insertion order is the order of turns: a lane that was served goes to the end
  readonly #lanes = new Map<unknown, Waiter[]>();
  readonly #continuing: Continuing[] = [];
  readonly #begun = new Set<Speaking>();
  #waiting = 0;

  constructor({ capacity, concurrency = 1, clock }: QueueOptions) {
    this.#capacity = capacity;
    this.#concurrency = concurrency;
    this.#clock = clock;
  }

  /** How many may be half spoken or wait to begin. */
  get most(): number {
    return this.#capacity + HALF_SPOKEN_PER_STREAM * this.#concurrency;
  }

  get waiting(): number {
    return this.#waiting + this.#continuing.length;
  }

  /** Paused ones do not count. */
  get speaking(): number {
    let count = 0;
    for (const { isPaused } of this.#begun) count += isPaused ? 0 : 1;
    return count;
  }

  /** When a new request might find a place, in milliseconds: from how long turns took. */
  get retryAfterMs(): number {
    return Math.max(SHORTEST_RETRY_MS, Math.ceil(this.#times.turnMs / this.#concurrency));
  }

  /**
   * Takes a place in the lane, or throws `busy`: when the queue is full, when the first sound would come
   * later than the listener waits, or when paused readers hold the places. When `signal` aborts the place is free again.
   */
  enter({ lane, signal, patienceMs = Number.POSITIVE_INFINITY, continues }: Entrant): Place {
    signal.throwIfAborted();
    if (continues === undefined) this.#assertNotHeld(lane);
    const mustWait = this.waiting > 0 || !this.#isRoom();
    const position = mustWait ? this.#positionIn(lane) : 0;
    if (mustWait && continues === undefined) this.#admit(position, patienceMs);
    const { promise, resolve, reject } = Promise.withResolvers<Turn>();
    // who never asks for the turn must not see its refusal as unhandled
    promise.catch(() => undefined);
    const begin = (): void => {
      signal.removeEventListener('abort', onAbort);
      resolve(this.#turn(lane));
    };
    const leave = mustWait ? this.#wait(lane, begin, continues) : () => undefined;
    const onAbort = (): void => {
      leave();
      reject(signal.reason);
      this.#next();
    };
    if (mustWait) signal.addEventListener('abort', onAbort, { once: true });
    else begin();
    // a text that goes on may be due at once, beside one that is not
    this.#next();
    return { position, turn: promise };
  }

  /** Throws `busy` where turns that end soon would be of no use: readers that pause hold the places for as long as they like. */
  #assertNotHeld(lane: unknown): void {
    if (this.#mayBegin(lane)) return;
    const position = this.#positionIn(lane);
    throw busy(
      `${this.#begun.size} sentences are half spoken and wait for their readers, ${this.#begunIn(lane)} of this caller; this request would be number ${position}.`,
      position,
      this.retryAfterMs,
    );
  }

  /** Throws `busy` with the position, and when to come again. */
  #admit(position: number, patienceMs: number): void {
    if (this.#waiting >= this.#capacity) {
      throw busy(
        `The queue is full: ${this.#waiting} requests wait, this one would be number ${position}.`,
        position,
        this.retryAfterMs,
      );
    }
    const waitMs = this.#times.untilFirstSound(position / this.#concurrency);
    if (waitMs <= patienceMs) return;
    throw busy(
      `The first sound would come in about ${seconds(waitMs)} s, and is wanted within ${seconds(patienceMs)} s; this request would be number ${position}.`,
      position,
      Math.max(SHORTEST_RETRY_MS, Math.ceil(waitMs - patienceMs)),
    );
  }

  /** How many turns of others begin before one that enters this lane, and one. */
  #positionIn(lane: unknown): number {
    const own = this.#lanes.get(lane)?.length ?? 0;
    let before = this.#continuing.length + own;
    for (const [other, waiters] of this.#lanes) {
      if (other !== lane) before += Math.min(waiters.length, own + 1);
    }
    return before + 1;
  }

  /** Stands in line; answers what leaves it. */
  #wait(lane: unknown, begin: () => void, continues: Playback | undefined): () => void {
    if (continues !== undefined) {
      const nowMs = this.#clock.now();
      const waiter = { begin, dueMs: nowMs + continues.aheadMs(nowMs) - COMFORT_MS };
      this.#continuing.push(waiter);
      this.#continuing.sort((a, b) => a.dueMs - b.dueMs);
      return () => remove(this.#continuing, waiter);
    }
    const waiter = { begin };
    const waiters = this.#lanes.get(lane);
    if (waiters === undefined) this.#lanes.set(lane, [waiter]);
    else waiters.push(waiter);
    this.#waiting += 1;
    return () => this.#leave(lane, waiter);
  }

  #leave(lane: unknown, waiter: Waiter): void {
    const waiters = this.#lanes.get(lane);
    if (waiters === undefined || !remove(waiters, waiter)) return;
    if (waiters.length === 0) this.#lanes.delete(lane);
    this.#waiting -= 1;
  }

  #turn(lane: unknown): Turn {
    const speaking: Speaking = { lane, playback: new Playback(), isPaused: false };
    this.#begun.add(speaking);
    let beganMs = this.#clock.now();
    let workedMs = 0;
    const stopWatch = (): void => {
      if (!speaking.isPaused) workedMs += this.#clock.now() - beganMs;
    };
    return {
      heard: (durationMs) => {
        const nowMs = this.#clock.now();
        if (!speaking.playback.hasBegun) this.#times.heardAfter(workedMs + nowMs - beganMs);
        speaking.playback.add(durationMs, nowMs);
        this.#next();
      },
      pause: () => {
        stopWatch();
        speaking.isPaused = true;
        this.#next();
      },
      resume: () => {
        if (!speaking.isPaused) return;
        beganMs = this.#clock.now();
        speaking.isPaused = false;
      },
      end: () => {
        stopWatch();
        if (!this.#begun.delete(speaking)) return;
        this.#times.lasted(workedMs);
        this.#next();
      },
    };
  }

  /** Whether one more may begin, so that nobody who is being heard falls silent for it. */
  #isRoom(): boolean {
    if (this.speaking >= this.#concurrency) return false;
    if (this.#begun.size < this.#concurrency) return true;
    // the place of one that is paused, and will be back
    if (this.#begun.size >= HALF_SPOKEN_PER_STREAM * this.#concurrency) return false;
    const nowMs = this.#clock.now();
    return !Array.from(this.#begun).some(
      ({ playback, isPaused }) =>
        !isPaused && playback.hasBegun && playback.aheadMs(nowMs) < NEED_MS,
    );
  }

  /** Whether the half-spoken sentences leave this lane a place for another text. */
  #mayBegin(lane: unknown): boolean {
    return (
      this.#begun.size < HALF_SPOKEN_TO_BEGIN * this.#concurrency &&
      this.#begunIn(lane) < HALF_SPOKEN_PER_LANE * this.#concurrency
    );
  }

  #begunIn(lane: unknown): number {
    let count = 0;
    for (const speaking of this.#begun) count += speaking.lane === lane ? 1 : 0;
    return count;
  }

  #next(): void {
    while (this.waiting > 0 && this.#isRoom()) {
      const first = this.#first();
      // those that are left wait for readers that pause
      if (first === undefined) return;
      first.begin();
    }
  }

  /** Takes the one whose turn it is out of the line. */
  #first(): Waiter | undefined {
    const [due] = this.#continuing;
    const lane = Array.from(this.#lanes).find(([key]) => this.#mayBegin(key));
    if (lane === undefined || (due !== undefined && due.dueMs <= this.#clock.now())) {
      return this.#continuing.shift();
    }
    const [key, waiters] = lane;
    this.#lanes.delete(key);
    const waiter = waiters.shift();
    if (waiters.length > 0) this.#lanes.set(key, waiters);
    this.#waiting -= 1;
    return waiter;
  }
}

function busy(what: string, position: number, retryAfterMs: number): SpeechFault {
  return new SpeechFault('busy', `${what} Try again in ${seconds(retryAfterMs)} s.`, {
    retryAfterMs,
    position,
  });
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}

function remove<Item>(items: Item[], item: Item): boolean {
  const index = items.indexOf(item);
  if (index >= 0) items.splice(index, 1);
  return index >= 0;
}
