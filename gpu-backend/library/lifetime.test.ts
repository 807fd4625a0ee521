/** What was released is spent, and says so; what runs at that moment is stopped. */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { BarkModel, CodecModel, FineModel, SemanticModel } from './bark.ts';
import { BarkError } from './bark-error.ts';
import { Lifetime } from './lifetime.ts';

const QUICK = fileURLToPath(
  new URL('../../tests/fixtures/golden/bark-tiny-windows', import.meta.url),
);
const TINY = fileURLToPath(new URL('../../models/bark-tiny', import.meta.url));
const released = expect.objectContaining({
  name: 'BarkError',
  message: 'The model was released; load it again with fromPretrained.',
});
const ids = { inputIds: [[5, 6]] };
const one = { threads: 1 };

describe.each([
  ['plain', {}],
  ['fused', { attention: 'fused' }],
  ['offloaded', { offload: true }],
] as const)('a model, %s', (_, options) => {
  test('throws for all that is called after release, which may be called again', async () => {
    const model = await BarkModel.fromPretrained(QUICK, { ...one, ...options });
    await model.generate(ids, { semanticMaxNewTokens: 2 });
    await Promise.all([model.release(), model.release()]);
    await expect(model.generate(ids)).rejects.toEqual(released);
    await expect(model.generateSemantic(ids)).rejects.toEqual(released);
    await expect(model.stream(ids).next()).rejects.toEqual(released);
    await expect(model.encode(new Float32Array(320))).rejects.toEqual(released);
    expect(model.sampleRate).toBe(24_000);
  });

  test('stops what runs and waits for it', async () => {
    const model = await BarkModel.fromPretrained(QUICK, { ...one, ...options });
    const read = model.stream(ids, { seed: 1 });
    const unread = model.stream(ids, { seed: 2 });
    expect((await read.next()).done).toBe(false);
    expect((await unread.next()).done).toBe(false);
    const steps: number[] = [];
    const running = model.generate(ids, { onProgress: ({ step }) => steps.push(step) });
    const stopped = expect(running).rejects.toEqual(released);
    while (steps.length < 2) await new Promise((resolve) => setImmediate(resolve));
    await model.release();
    await stopped;
    const made = steps.length;
    await expect(read.next()).rejects.toEqual(released);
    await expect(unread.next()).rejects.toEqual(released);
    expect(steps.length).toBe(made);
  });
});

test('the models by themselves too', async () => {
  const semantic = await SemanticModel.fromPretrained(TINY, one);
  const fine = await FineModel.fromPretrained(TINY, one);
  const codec = await CodecModel.fromPretrained(TINY, one);
  const running = semantic.forward(ids);
  for (const model of [semantic, fine, codec]) {
    await model.release();
    await model.release();
  }
  // it had begun, so that it either ended or was stopped
  await running.catch((error: unknown) => expect(error).toEqual(released));
  await expect(semantic.forward(ids)).rejects.toEqual(released);
  const frames = { codebookIndex: 2, inputIds: [[new Int32Array(8)]] };
  await expect(fine.forward(frames)).rejects.toEqual(released);
  await expect(codec.decode(frames.inputIds[0] ?? [])).rejects.toEqual(released);
  await expect(codec.encode(new Float32Array(320))).rejects.toEqual(released);
});

test('release frees once, after what runs, and tells when freeing failed', async () => {
  const life = new Lifetime();
  const order: string[] = [];
  const running = life.run(new AbortController().signal, async (signal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    order.push('stopped');
  });
  const free = async (): Promise<void> => {
    order.push('freed');
    throw new BarkError('stuck', null);
  };
  await expect(life.release(free)).rejects.toThrow('stuck');
  await expect(life.release(free)).rejects.toThrow('stuck');
  await running;
  expect(order).toEqual(['stopped', 'freed']);
});
