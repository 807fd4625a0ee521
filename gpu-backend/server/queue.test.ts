import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../tests/support/fake-clock.ts';
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
    const first = queue.enter(lane, never);
    const second = queue.enter(lane, never);
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
      const turn = await queue.enter(lane, never).turn;
      order.push(name);
      turn.end();
    };
    const long = {};
    const short = {};
    const running = await queue.enter({}, never).turn;
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
    const turn = await queue.enter({}, never).turn;
    const next = queue.enter({}, never);
    clock.advance(15_000);
    turn.end();
    await next.turn;
    queue.enter({}, never);
    queue.enter({}, never);
    // a turn was thought to last 5 s, and one lasted 15 s: 0.7 * 5 + 0.3 * 15
    expect(() => queue.enter({}, never)).toThrow(
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
    const turn = await queue.enter(lane, never).turn;
    const leaving = new AbortController();
    const left = queue.enter(lane, leaving.signal);
    const stays = queue.enter(lane, never);
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
    const turn = await queue.enter({}, never).turn;
    const second = queue.enter({}, never);
    const third = queue.enter({}, never);
    turn.end();
    turn.end();
    await second.turn;
    expect(queue).toMatchObject({ speaking: 1, waiting: 1 });
    (await second.turn).end();
    await third.turn;
  });

  test('lets as many speak as it is told', async () => {
    const { queue } = makeQueue(0, 2);
    await queue.enter({}, never).turn;
    await queue.enter({}, never).turn;
    expect(() => queue.enter({}, never)).toThrow('The queue is full');
  });

  test('refuses one whose signal has aborted already', () => {
    const { queue } = makeQueue(1);
    expect(() => queue.enter({}, AbortSignal.abort(new Error('before')))).toThrow('before');
    expect(queue.speaking).toBe(0);
  });

  test('lets others speak while one that has begun waits for its reader, which then goes first', async () => {
    const { queue } = makeQueue(4);
    const slow = await queue.enter({}, never).turn;
    const second = queue.enter({}, never);
    const third = queue.enter({}, never);
    slow.pause();
    const turn = await second.turn;
    expect(queue).toMatchObject({ speaking: 1, waiting: 1 });
    const back = slow.resume(never);
    turn.end();
    await back;
    expect(queue).toMatchObject({ speaking: 1, waiting: 1 });
    slow.end();
    await third.turn;
    expect(queue).toMatchObject({ speaking: 1, waiting: 0 });
  });

  test('forgets one that is aborted while it would resume, even in the moment of its turn', async () => {
    const { queue } = makeQueue(4);
    const slow = await queue.enter({}, never).turn;
    slow.pause();
    const other = await queue.enter({}, never).turn;
    const stop = new AbortController();
    const back = slow.resume(stop.signal);
    stop.abort(new Error('gone'));
    other.end();
    await expect(back).rejects.toThrow('gone');
    slow.end();
    expect(queue).toMatchObject({ speaking: 0, waiting: 0 });
    await queue.enter({}, never).turn;
  });
});
