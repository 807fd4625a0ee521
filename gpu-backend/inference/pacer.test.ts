import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../tests/support/fake-clock.ts';
import { COMFORT_MS, NEED_MS } from '../playback.ts';
import { Pacer } from './pacer.ts';

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Whether a promise has resolved by now. */
function watch(promise: Promise<void>): { readonly isOver: () => Promise<boolean> } {
  let over = false;
  void promise.then(() => (over = true));
  return {
    isOver: async () => {
      await settled();
      return over;
    },
  };
}

function pacerOf(...ids: number[]): { pacer: Pacer; clock: FakeClock } {
  const clock = new FakeClock();
  const pacer = new Pacer(clock);
  for (const id of ids) pacer.begin(id);
  return { pacer, clock };
}

describe('a speech', () => {
  test('alone never waits, however far it is ahead', async () => {
    const { pacer } = pacerOf(1);
    pacer.made(1, 60_000);
    expect(await watch(pacer.turn(1)).isOver()).toBe(true);
  });

  test('that is silent never waits', async () => {
    const { pacer } = pacerOf(1, 2);
    expect(await watch(pacer.turn(1)).isOver()).toBe(true);
    expect(await watch(pacer.turn(2)).isOver()).toBe(true);
  });

  test('that is ahead waits for one that is silent, until that one sounds', async () => {
    const { pacer } = pacerOf(1, 2);
    pacer.made(1, COMFORT_MS + 500);
    const turn = watch(pacer.turn(1));
    expect(await turn.isOver()).toBe(false);
    pacer.made(2, 100);
    expect(await turn.isOver()).toBe(true);
  });

  test('that is ahead waits no longer than its listener can', async () => {
    const { pacer, clock } = pacerOf(1, 2);
    pacer.made(1, COMFORT_MS + 500);
    const turn = watch(pacer.turn(1));
    clock.advance(499);
    expect(await turn.isOver()).toBe(false);
    clock.advance(1);
    expect(await turn.isOver()).toBe(true);
  });

  test('that waits goes on when the silent one ends, and is let go when it ends itself', async () => {
    const { pacer, clock } = pacerOf(1, 2, 3);
    pacer.made(1, 10_000);
    const first = watch(pacer.turn(1));
    pacer.end(2);
    expect(await first.isOver()).toBe(false);
    pacer.end(1);
    expect(await first.isOver()).toBe(true);
    expect(clock.waiting).toBe(0);
  });

  test('that is ahead waits for one that is about to fall silent, and goes on once that one is safe', async () => {
    const { pacer, clock } = pacerOf(1, 2);
    pacer.made(1, 60_000);
    pacer.made(2, NEED_MS);
    clock.advance(1);
    await pacer.turn(2);
    const turn = watch(pacer.turn(1));
    expect(await turn.isOver()).toBe(false);
    pacer.made(2, NEED_MS);
    expect(await turn.isOver()).toBe(true);
  });

  test('whose reader has paused holds nobody up', async () => {
    const { pacer, clock } = pacerOf(1, 2);
    pacer.made(1, 60_000);
    pacer.made(2, 100);
    clock.advance(1_000);
    expect(await watch(pacer.turn(1)).isOver()).toBe(true);
  });

  test('that fell behind is not taken to be ahead for the gap that its listener heard', async () => {
    const { pacer, clock } = pacerOf(1, 2);
    pacer.made(1, 1_000);
    clock.advance(20_000);
    pacer.made(1, COMFORT_MS + 500);
    const turn = watch(pacer.turn(1));
    clock.advance(499);
    expect(await turn.isOver()).toBe(false);
    clock.advance(1);
    expect(await turn.isOver()).toBe(true);
  });
});
