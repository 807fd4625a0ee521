import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../tests/support/fake-clock.ts';
import { COMFORT_MS, Playback } from '../playback.ts';
import { SpeechQueue } from './queue.ts';

const never = new AbortController().signal;

function makeQueue(capacity: number, concurrency = 1) {
  const clock = new FakeClock();
  return { clock, queue: new SpeechQueue({ capacity, concurrency, clock }) };
}

describe('the queue', () => {
  test('gives the engine to one at a time, in order', async () => {
    const { queue } = makeQueue(4);
    const lane = {};
    const first = queue.enter({ lane, signal: never });
    const second = queue.enter({ lane, signal: never });
    expect([first.position, second.position]).toEqual([0, 1]);
    const turn = await first.turn;
    expect(queue).toMatchObject({ speaking: 1, waiting: 1 });
    turn.end();
    await second.turn;
    expect(queue).toMatchObject({ speaking: 1, waiting: 0 });
  });

  test('lets lanes take turns, however many one has waiting', async () => {
    const { queue } = makeQueue(8);
    const order: string[] = [];
    const enter = async (lane: object, name: string): Promise<void> => {
      const turn = await queue.enter({ lane, signal: never }).turn;
      order.push(name);
      turn.end();
    };
    const long = {};
    const short = {};
    const running = await queue.enter({ lane: {}, signal: never }).turn;
    const all = [
      enter(long, 'long 1'),
      enter(long, 'long 2'),
      enter(long, 'long 3'),
      enter(short, 'short 1'),
      enter(short, 'short 2'),
    ];
    running.end();
    await Promise.all(all);
    expect(order).toEqual(['long 1', 'short 1', 'long 2', 'short 2', 'long 3']);
  });

  test('refuses with place and time when it is full', async () => {
    const { queue, clock } = makeQueue(2);
    const turn = await queue.enter({ lane: {}, signal: never }).turn;
    const next = queue.enter({ lane: {}, signal: never });
    clock.advance(15_000);
    turn.end();
    await next.turn;
    queue.enter({ lane: {}, signal: never });
    queue.enter({ lane: {}, signal: never });
    // a turn was thought to last 5 s, and one lasted 15 s: 0.7 * 5 + 0.3 * 15
    expect(() => queue.enter({ lane: {}, signal: never })).toThrow(
      expect.objectContaining({
        code: 'busy',
        retryAfterMs: 8_000,
        message: expect.stringContaining('number 3. Try again in 8 s'),
      }),
    );
  });

  test('frees the place of one that leaves, wherever it stands', async () => {
    const { queue } = makeQueue(3);
    const lane = {};
    const turn = await queue.enter({ lane, signal: never }).turn;
    const leaving = new AbortController();
    const left = queue.enter({ lane, signal: leaving.signal });
    const stays = queue.enter({ lane, signal: never });
    const reason = new Error('gone');
    leaving.abort(reason);
    await expect(left.turn).rejects.toBe(reason);
    expect(queue.waiting).toBe(1);
    turn.end();
    await stays.turn;
    expect(queue).toMatchObject({ speaking: 1, waiting: 0 });
  });

  test('counts a turn that is given back twice once', async () => {
    const { queue } = makeQueue(3);
    const turn = await queue.enter({ lane: {}, signal: never }).turn;
    const second = queue.enter({ lane: {}, signal: never });
    const third = queue.enter({ lane: {}, signal: never });
    turn.end();
    turn.end();
    await second.turn;
    expect(queue).toMatchObject({ speaking: 1, waiting: 1 });
    (await second.turn).end();
    await third.turn;
  });

  test('lets as many speak as it is told', async () => {
    const { queue } = makeQueue(0, 2);
    await queue.enter({ lane: {}, signal: never }).turn;
    await queue.enter({ lane: {}, signal: never }).turn;
    expect(() => queue.enter({ lane: {}, signal: never })).toThrow('The queue is full');
  });

  test('refuses one whose signal has aborted already', () => {
    const { queue } = makeQueue(1);
    expect(() => queue.enter({ lane: {}, signal: AbortSignal.abort(new Error('before')) })).toThrow(
      'before',
    );
    expect(queue.speaking).toBe(0);
  });

  test('lets others speak while one that has begun waits for its reader, which then goes on at once', async () => {
    const { queue } = makeQueue(4);
    const slow = await queue.enter({ lane: {}, signal: never }).turn;
    const second = queue.enter({ lane: {}, signal: never });
    const third = queue.enter({ lane: {}, signal: never });
    slow.pause();
    const turn = await second.turn;
    expect(queue).toMatchObject({ speaking: 1, waiting: 1 });
    slow.resume();
    expect(queue).toMatchObject({ speaking: 2, waiting: 1 });
    turn.end();
    expect(queue).toMatchObject({ speaking: 1, waiting: 1 });
    slow.end();
    await third.turn;
    expect(queue).toMatchObject({ speaking: 1, waiting: 0 });
  });

  test('gives no place of a paused one away while somebody who is heard falls silent', async () => {
    const { queue, clock } = makeQueue(4, 2);
    const heard = await queue.enter({ lane: {}, signal: never }).turn;
    const paused = await queue.enter({ lane: {}, signal: never }).turn;
    heard.heard(1_000);
    paused.heard(60_000);
    clock.advance(900);
    queue.enter({ lane: {}, signal: never });
    paused.pause();
    expect(queue).toMatchObject({ speaking: 1, waiting: 1 });
    heard.heard(1_000);
    expect(queue).toMatchObject({ speaking: 2, waiting: 0 });
  });
});

describe('readers that pause', () => {
  /** One sentence of each lane, begun and paused. */
  async function pausedIn(queue: SpeechQueue, lanes: readonly unknown[]) {
    const turns = [];
    for (const lane of lanes) {
      const turn = await queue.enter({ lane, signal: never }).turn;
      turn.pause();
      turns.push(turn);
    }
    return turns;
  }
  const others = (count: number): object[] => Array.from({ length: count }, () => ({}));

  test('hold no more than a bound: another text is refused at once, with place and time', async () => {
    const { queue } = makeQueue(4, 2);
    const [first] = await pausedIn(queue, others(14));
    expect(queue).toMatchObject({ speaking: 0, waiting: 0 });
    // the engine is free, and a turn is thought to last 5 s
    expect(() => queue.enter({ lane: {}, signal: never })).toThrow(
      expect.objectContaining({
        code: 'busy',
        position: 1,
        retryAfterMs: 2_500,
        message: expect.stringMatching(/14 sentences are half spoken.*number 1. Try again in 3 s/),
      }),
    );
    expect(queue.waiting).toBe(0);
    first?.end();
    expect(queue.enter({ lane: {}, signal: never }).position).toBe(0);
  });

  test('leave places for texts that are heard', async () => {
    const { queue, clock } = makeQueue(4);
    await pausedIn(queue, others(7));
    const continues = new Playback();
    continues.add(100, clock.now());
    expect(queue.enter({ lane: {}, signal: never, continues }).position).toBe(0);
    expect(queue.enter({ lane: {}, signal: never, continues }).position).toBe(1);
    expect(queue).toMatchObject({ speaking: 1, waiting: 1 });
  });

  test('of one caller leave places to others', async () => {
    const { queue } = makeQueue(4);
    const [first] = await pausedIn(queue, Array<string>(6).fill('many'));
    expect(() => queue.enter({ lane: 'many', signal: never })).toThrow(
      expect.objectContaining({
        code: 'busy',
        message: expect.stringContaining('6 of this caller'),
      }),
    );
    const other = queue.enter({ lane: 'other', signal: never });
    expect(other.position).toBe(0);
    (await other.turn).end();
    first?.end();
    expect(queue.enter({ lane: 'many', signal: never }).position).toBe(0);
  });

  test('let others pass those of their caller that wait already', async () => {
    const { queue } = makeQueue(4);
    const [first] = await pausedIn(queue, Array<string>(5).fill('many'));
    const running = await queue.enter({ lane: {}, signal: never }).turn;
    const sixth = queue.enter({ lane: 'many', signal: never });
    const seventh = queue.enter({ lane: 'many', signal: never });
    running.end();
    (await sixth.turn).pause();
    expect(queue).toMatchObject({ speaking: 0, waiting: 1 });
    const other = await queue.enter({ lane: 'other', signal: never }).turn;
    expect(queue).toMatchObject({ speaking: 1, waiting: 1 });
    first?.end();
    other.end();
    await seventh.turn;
    expect(queue).toMatchObject({ speaking: 1, waiting: 0 });
  });
});

describe('a text that goes on', () => {
  /** What a listener has who heard so much just now. */
  const having = (ms: number, clock: FakeClock): Playback => {
    const playback = new Playback();
    playback.add(ms, clock.now());
    return playback;
  };

  test('goes before those who have not begun once its listener has little left, not before', async () => {
    const { queue, clock } = makeQueue(8);
    const order: string[] = [];
    const enter = async (name: string, continues?: Playback): Promise<void> => {
      const entrant = { lane: name, signal: never };
      const { turn } = queue.enter(continues === undefined ? entrant : { ...entrant, continues });
      const mine = await turn;
      order.push(name);
      clock.advance(1_000);
      mine.end();
    };
    const running = await queue.enter({ lane: {}, signal: never }).turn;
    const all = [
      enter('new 1'),
      enter('new 2'),
      enter('new 3'),
      enter('far ahead', having(COMFORT_MS + 1_500, clock)),
      enter('falling silent', having(100, clock)),
    ];
    running.end();
    await Promise.all(all);
    expect(order).toEqual(['falling silent', 'new 1', 'far ahead', 'new 2', 'new 3']);
  });

  test('is never refused', async () => {
    const { queue, clock } = makeQueue(0);
    await queue.enter({ lane: {}, signal: never }).turn;
    expect(() => queue.enter({ lane: {}, signal: never })).toThrow('full');
    const place = queue.enter({
      lane: {},
      signal: never,
      patienceMs: 0,
      continues: having(100, clock),
    });
    expect(place.position).toBe(1);
  });

  test('leaves the line when it is cancelled', async () => {
    const { queue, clock } = makeQueue(0);
    const turn = await queue.enter({ lane: {}, signal: never }).turn;
    const stop = new AbortController();
    const place = queue.enter({ lane: {}, signal: stop.signal, continues: having(1, clock) });
    stop.abort(new Error('gone'));
    await expect(place.turn).rejects.toThrow('gone');
    turn.end();
    expect(queue).toMatchObject({ speaking: 0, waiting: 0 });
  });
});

describe('what can not be spoken in time', () => {
  /** A queue that has seen one turn: 2 s to its first sound, 10 s in all. */
  async function experienced(concurrency = 1) {
    const made = makeQueue(8, concurrency);
    const turn = await made.queue.enter({ lane: {}, signal: never }).turn;
    made.clock.advance(2_000);
    turn.heard(1_000);
    made.clock.advance(8_000);
    turn.end();
    return made;
  }

  test('is refused at once, with its place and with when it could be', async () => {
    const { queue } = await experienced();
    await queue.enter({ lane: {}, signal: never }).turn;
    // a turn is thought to last 0.7 * 5 + 0.3 * 10 s, its first sound comes after 2 s
    queue.enter({ lane: {}, signal: never, patienceMs: 8_500 });
    expect(() => queue.enter({ lane: {}, signal: never, patienceMs: 10_000 })).toThrow(
      expect.objectContaining({
        code: 'busy',
        position: 2,
        retryAfterMs: 5_000,
        message: expect.stringMatching(/about 15 s.*within 10 s.*number 2. Try again in 5 s/),
      }),
    );
    expect(queue.waiting).toBe(1);
  });

  test('counts only turns that come before its own: one caller does not fill the time of another', async () => {
    const { queue } = await experienced();
    await queue.enter({ lane: 'many', signal: never }).turn;
    for (let i = 0; i < 5; i += 1) queue.enter({ lane: 'many', signal: never });
    const place = queue.enter({ lane: 'one', signal: never, patienceMs: 15_000 });
    expect(place.position).toBe(2);
  });

  test('is tried all the same when the engine is free, and before anything was measured', async () => {
    const { queue } = await experienced();
    expect(queue.enter({ lane: {}, signal: never, patienceMs: 1 }).position).toBe(0);
    const fresh = makeQueue(8).queue;
    await fresh.enter({ lane: {}, signal: never }).turn;
    expect(fresh.enter({ lane: {}, signal: never, patienceMs: 1 }).position).toBe(1);
  });
});
