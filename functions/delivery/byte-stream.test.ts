import { expect, test } from 'vitest';
import { byteStream } from './byte-stream.ts';

async function turnOver(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}

test('the first bytes do not wait for all others: one chunk is made ahead of the reader', async () => {
  let made = 0;
  async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
    for (; made < 9;) {
      made += 1;
      yield Uint8Array.of(made);
    }
  }
  const reader = byteStream(source(), () => undefined).getReader();
  await turnOver();
  expect(made).toBe(1);
  expect((await reader.read()).value).toEqual(Uint8Array.of(1));
  await turnOver();
  expect(made).toBe(2);
});

test('a source that nobody has read comes to its end when the reader leaves', async () => {
  let hasEnded = false;
  async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield Uint8Array.of(1);
      yield Uint8Array.of(2);
    } finally {
      hasEnded = true;
    }
  }
  const stream = byteStream(source(), () => undefined);
  await turnOver();
  await stream.cancel();
  expect(hasEnded).toBe(true);
});
