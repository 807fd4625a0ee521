/** When the bytes of an answer came. */

export interface TimedChunks {
  readonly firstMs: number;
  /** Between one chunk and the next. */
  readonly gapsMs: readonly number[];
}

/** Reads to the end; times count from `beganMs`, of `performance.now()`. */
export async function timeChunks(
  body: ReadableStream<Uint8Array>,
  beganMs: number,
): Promise<TimedChunks> {
  const timesMs: number[] = [];
  for await (const chunk of body) {
    if (chunk.byteLength > 0) timesMs.push(performance.now() - beganMs);
  }
  const [firstMs = Number.NaN, ...laterMs] = timesMs;
  return { firstMs, gapsMs: laterMs.map((ms, i) => ms - (timesMs[i] ?? Number.NaN)) };
}

/** Asks with GET; throws on anything but 200, or when `accept` does not like the headers. */
export async function timeAnswer(
  url: string,
  init: RequestInit = {},
  accept: (headers: Headers) => boolean = () => true,
): Promise<TimedChunks> {
  const beganMs = performance.now();
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
  if (!response.ok || response.body === null || !accept(response.headers)) {
    throw new Error(
      `${url} answered ${response.status}, ${JSON.stringify(Object.fromEntries(response.headers))}.`,
    );
  }
  return timeChunks(response.body, beganMs);
}

const ANSWER_TIMEOUT_MS = 60_000;
