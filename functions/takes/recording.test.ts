import { describe, expect, test } from 'vitest';
import type { SpeechReport } from '#shared/protocol/messages.ts';
import type { SpokenSentence } from '../backend/synthesizer.ts';
import { RecordingBudget } from './recording-budget.ts';
import { Recording, type RecordingReader } from './recording.ts';

const PIECE_SAMPLES = 500;
const PIECE_BYTES = 2 * PIECE_SAMPLES;

interface Source extends SpokenSentence {
  readonly taken: number;
}

/** Pieces full of their own number, as many as are asked for up to `count`; then its end, or `failure`. */
function sourceOf(count: number, failure?: Error): Source {
  let taken = 0;
  return {
    get taken() {
      return taken;
    },
    accepted: Promise.resolve({ origin: 'spoken' as const }),
    finished: new Promise<SpeechReport>(() => undefined),
    read: async () => {
      if (taken < count) return new Int16Array(PIECE_SAMPLES).fill(taken++);
      if (failure !== undefined) throw failure;
      return null;
    },
  };
}

function recordingOf(source: SpokenSentence, budget: RecordingBudget): Recording {
  return new Recording(Promise.resolve(source), budget);
}

/** The numbers of so many pieces, or of all that are left. */
async function hear(reader: RecordingReader, most = Infinity): Promise<number[]> {
  const heard: number[] = [];
  while (heard.length < most) {
    const piece = await reader.read();
    if (piece === null) break;
    heard.push(piece[0] ?? Number.NaN);
  }
  return heard;
}

const UP_TO_TEN = Array.from({ length: 10 }, (_, i) => i);

describe('a recording within its budget', () => {
  test('is heard whole by those who come at any time, and the fastest drives the source', async () => {
    const budget = new RecordingBudget(10 * PIECE_BYTES);
    const source = sourceOf(10);
    const recording = recordingOf(source, budget);
    const fast = recording.join();
    expect(await hear(fast, 4)).toEqual([0, 1, 2, 3]);
    expect([source.taken, budget.usedBytes]).toEqual([4, 4 * PIECE_BYTES]);
    const late = recording.join();
    expect(await Promise.all([hear(fast), hear(late)])).toEqual([UP_TO_TEN.slice(4), UP_TO_TEN]);
    expect(recording.isWhole).toBe(true);
    expect(recording.pin()).toHaveLength(10);
  });

  test('is held while it is kept, and given back when it was and all have left', async () => {
    const budget = new RecordingBudget(10 * PIECE_BYTES);
    const recording = recordingOf(sourceOf(10), budget);
    const reader = recording.join();
    await hear(reader);
    const pieces = recording.pin();
    reader.leave();
    expect([pieces?.length, budget.usedBytes]).toEqual([10, 10 * PIECE_BYTES]);
    expect(await hear(recording.join())).toEqual(UP_TO_TEN);
    // what is being kept is not asked to shed
    expect(budget.makeRoom(1)).toBe(false);
    const late = recording.join();
    expect(await hear(late, 3)).toEqual([0, 1, 2]);
    recording.unpin();
    expect(budget.usedBytes).toBeGreaterThan(0);
    expect(await hear(late)).toEqual(UP_TO_TEN.slice(3));
  });

  test('gives all back when its last reader leaves, or it fails', async () => {
    const budget = new RecordingBudget(10 * PIECE_BYTES);
    const recording = recordingOf(sourceOf(10), budget);
    const [one, two] = [recording.join(), recording.join()];
    await hear(one, 5);
    one.leave();
    one.leave();
    expect(budget.usedBytes).toBe(5 * PIECE_BYTES);
    two.leave();
    expect(budget.usedBytes).toBe(0);
    await expect(two.read()).rejects.toThrow('gone');

    const failing = recordingOf(sourceOf(3, new Error('broken')), budget);
    const [first, second] = [failing.join(), failing.join()];
    await expect(hear(first)).rejects.toThrow('broken');
    await expect(hear(second, 3)).resolves.toEqual([0, 1, 2]);
    await expect(second.read()).rejects.toThrow('broken');
    expect(failing.pin()).toBeNull();
    first.leave();
    second.leave();
    expect(budget.usedBytes).toBe(0);
  });
});

describe('where there is no room', () => {
  test('the oldest recording drops what was heard, and passes the rest on', async () => {
    const budget = new RecordingBudget(8 * PIECE_BYTES);
    const old = recordingOf(sourceOf(10), budget);
    const oldReader = old.join();
    expect(await hear(oldReader, 6)).toHaveLength(6);
    const young = recordingOf(sourceOf(8), budget);
    const youngReader = young.join();
    expect(await hear(youngReader)).toHaveLength(8);
    expect([old.isWhole, young.isWhole]).toEqual([false, true]);
    expect(() => old.join()).toThrow('dropped');
    expect(await hear(oldReader)).toEqual([6, 7, 8, 9]);
    expect(old.pin()).toBeNull();
    expect(young.pin()).toHaveLength(8);
    oldReader.leave();
    youngReader.leave();
    young.unpin();
    expect(budget.usedBytes).toBe(0);
  });

  test('two hundred readers hold the budget, and a piece each', async () => {
    const budget = new RecordingBudget(20 * PIECE_BYTES);
    const recordings = Array.from({ length: 200 }, () => recordingOf(sourceOf(10), budget));
    const readers = recordings.map((recording) => recording.join());
    let mostBytes = 0;
    const all = await Promise.all(
      readers.map(async (reader) => {
        const heard: number[] = [];
        for (let piece = await reader.read(); piece !== null; piece = await reader.read()) {
          heard.push(piece[0] ?? Number.NaN);
          mostBytes = Math.max(mostBytes, budget.usedBytes);
        }
        return heard;
      }),
    );
    for (const heard of all) expect(heard).toEqual(UP_TO_TEN);
    expect(mostBytes).toBeLessThanOrEqual(220 * PIECE_BYTES);
    for (const reader of readers) reader.leave();
    expect(budget.usedBytes).toBe(0);
  });

  test('the fastest waits for the slowest, and both hear all', async () => {
    const budget = new RecordingBudget(3 * PIECE_BYTES);
    const source = sourceOf(10);
    const recording = recordingOf(source, budget);
    const [fast, slow] = [recording.join(), recording.join()];
    const hearing = hear(fast);
    const heard: number[] = [];
    while (heard.length < 10) {
      await new Promise((resolve) => setImmediate(resolve));
      expect(budget.usedBytes).toBeLessThanOrEqual(3 * PIECE_BYTES);
      // one more has been taken, and waits for room
      expect(source.taken).toBeLessThanOrEqual(heard.length + 4);
      heard.push(...(await hear(slow, 1)));
    }
    expect(await hearing).toEqual(UP_TO_TEN);
    expect(heard).toEqual(UP_TO_TEN);
  });

  test('the fastest goes on when the slowest leaves', async () => {
    const budget = new RecordingBudget(2 * PIECE_BYTES);
    const recording = recordingOf(sourceOf(10), budget);
    const [fast, slow] = [recording.join(), recording.join()];
    const hearing = hear(fast);
    await hear(slow, 1);
    slow.leave();
    expect(await hearing).toEqual(UP_TO_TEN);
    fast.leave();
    expect(budget.usedBytes).toBe(0);
  });

  test('and the slowest never comes, the fastest is told', async () => {
    const budget = new RecordingBudget(2 * PIECE_BYTES);
    const recording = new Recording(Promise.resolve(sourceOf(10)), budget, { patienceMs: 5 });
    const [fast, slow] = [recording.join(), recording.join()];
    await expect(hear(fast)).rejects.toMatchObject({ code: 'timeout' });
    expect(await hear(slow, 2)).toEqual([0, 1]);
    await expect(slow.read()).rejects.toMatchObject({ code: 'timeout' });
    fast.leave();
    slow.leave();
    expect(budget.usedBytes).toBe(0);
  });
});
