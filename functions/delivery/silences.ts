/**
 * Makes waiting visible: workerd tells that a client has gone only when something is written to it,
 * so who writes must hear of the time in which there is nothing to write.
 */

/** How long nothing comes before it counts as a silence; a client that has gone is noticed two or three of them later. */
export const SILENCE_MS = 1_000;

/** The same items, and null after each second of waiting for the next. Nothing is asked for ahead of the reader. */
export async function* withSilences<Item>(
  source: AsyncIterable<Item>,
  silenceMs: number = SILENCE_MS,
): AsyncGenerator<Item | null, void, undefined> {
  const items = source[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<Item>> | undefined;
  try {
    for (;;) {
      next ??= items.next();
      const result = await within(next, silenceMs);
      if (result === null) {
        yield null;
        continue;
      }
      next = undefined;
      if (result.done === true) return;
      yield result.value;
    }
  } finally {
    // a reader that leaves in a silence leaves this one behind
    next?.catch(() => undefined);
    await items.return?.();
  }
}

/** Null when it takes longer. */
async function within<Value>(work: Promise<Value>, ms: number): Promise<Value | null> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
