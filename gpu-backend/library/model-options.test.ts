import { expect, test } from 'vitest';
import { BarkError } from './bark-error.ts';
import { BarkModel } from './bark-model.ts';
import { modelOptions } from './model-options.ts';

test.each([
  [{ precision: 'int5' }, 'precision'],
  [{ attention: 'x' }, 'attention'],
  [{ threads: -1 }, 'threads'],
  [{ threads: 1.5 }, 'threads'],
  [{ offload: 'yes' }, 'offload'],
  [{ bogus: 1 }, 'bogus'],
  [{ precision: 'int8', attention: 'plain' }, 'Plain attention'],
])('%j is refused by name', async (options, name) => {
  const wrong = options as never;
  expect(() => modelOptions(wrong)).toThrow(BarkError);
  await expect(BarkModel.fromPretrained('models/bark-tiny', wrong)).rejects.toThrow(name);
});

test.each([
  [{ doSample: 'no' }, 'doSample'],
  [{ temperature: '1' }, 'temperature'],
  [{ minEosP: '0.2' }, 'minEosP'],
  [{ rowIndependentFine: 'no' }, 'rowIndependentFine'],
  [{ historyPrompt: 'v2/en_speaker_1' }, 'historyPrompt'],
  [{ historyPrompt: {} }, 'historyPrompt'],
])('generate refuses %j by name, before anything is computed', async (options, name) => {
  const model = await BarkModel.fromPretrained('models/bark-tiny', { threads: 1 });
  const spoken = model.generate({ inputIds: [[5, 6]] }, options as never);
  await expect(spoken).rejects.toThrow(name);
  await expect(spoken).rejects.toBeInstanceOf(BarkError);
  for (const ids of [[1.5], [Number.NaN], [2 ** 32 + 1], ['abc']]) {
    await expect(model.generate({ inputIds: [ids as never] }, {})).rejects.toBeInstanceOf(
      BarkError,
    );
  }
  await model.release();
});

test('what means something passes, undefined as left out', () => {
  expect(() => modelOptions({ threads: 2, precision: 'int8', offload: true })).not.toThrow();
  expect(() => modelOptions({ precision: 'auto', attention: 'plain' })).not.toThrow();
  expect(() => modelOptions({})).not.toThrow();
});

test('a precision that the device does not have is refused as an option is', async () => {
  const loading = BarkModel.fromPretrained('models/bark-tiny', {
    device: 'wasm',
    precision: 'int8',
  });
  await expect(loading).rejects.toBeInstanceOf(BarkError);
  await expect(loading).rejects.toThrow('wasm');
});
