/** Each model alone: the numbers of the real transformers on single forwards, and what is refused. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod/mini';
import { readNumbers } from '../../scripts/support/npy-numbers.ts';
import type { FloatTensor } from '../models/forward-model.ts';
import {
  CoarseModel,
  SemanticModel,
  type CausalForward,
  type CausalForwardOptions,
} from './causal-stage.ts';
import { CodecModel } from './codec-stage.ts';
import { FineModel } from './fine-stage.ts';

const TINY = fileURLToPath(new URL('../../models/bark-tiny', import.meta.url));
const FIXTURE = fileURLToPath(new URL('../../tests/fixtures/forward', import.meta.url));
const TOLERANCE = 1e-4;
/** The fixture keeps every fourth score. */
const LOGIT_STEP = 4;

const part = z.object({ offset: z.int(), shape: z.array(z.int()) });
const rows = z.array(z.array(z.int()));
const calls = z
  .array(
    z.object({
      stage: z.literal(['semantic', 'coarse', 'fine']),
      name: z.string(),
      codebook_idx: z.optional(z.int()),
      input_ids: z.optional(z.array(z.array(z.union([z.int(), z.array(z.int())])))),
      input_embeds: z.optional(part),
      attention_mask: z.optional(rows),
      position_ids: z.optional(rows),
      expected: z.object({
        logits: part,
        hidden_states: z.array(part),
        attentions: z.array(part),
        past_key_values: z.optional(z.array(z.object({ key: part, value: part }))),
      }),
    }),
  )
  .parse(JSON.parse(readFileSync(`${FIXTURE}/forward.json`, 'utf8')));
type Call = (typeof calls)[number];
type Part = z.infer<typeof part>;

let numbers: Float64Array;
let semantic: SemanticModel;
let coarse: CoarseModel;
let fine: FineModel;
let codec: CodecModel;

beforeAll(async () => {
  numbers = await readNumbers(`${FIXTURE}/forward.npy`);
  semantic = await SemanticModel.fromPretrained(TINY, { threads: 1 });
  coarse = await CoarseModel.fromPretrained(TINY, { threads: 1 });
  fine = await FineModel.fromPretrained(TINY, { threads: 1 });
  codec = await CodecModel.fromPretrained(TINY, { threads: 1 });
});
afterAll(async () => {
  for (const model of [semantic, coarse, fine, codec]) await model.release();
});

function valuesOf({ offset, shape }: Part): Float64Array {
  return numbers.subarray(offset, offset + shape.reduce((product, size) => product * size, 1));
}

/** Throws unless the tensor is the part, to the tolerance; `step` where the part keeps only some columns. */
function expectClose(
  what: string,
  tensor: FloatTensor | undefined,
  expected: Part,
  step = 1,
): void {
  const width = tensor?.shape.at(-1) ?? 0;
  const shape = [...(tensor?.shape.slice(0, -1) ?? []), Math.ceil(width / step)];
  expect([what, shape]).toEqual([what, expected.shape]);
  const kept = tensor?.data.filter((_, i) => (i % width) % step === 0) ?? new Float32Array(0);
  const difference = valuesOf(expected).reduce(
    (largest, value, i) => Math.max(largest, Math.abs(value - (kept[i] ?? Number.NaN))),
    0,
  );
  expect([what, difference < TOLERANCE]).toEqual([what, true]);
}

function expectAll(answer: Omit<CausalForward, 'pastKeyValues'>, { expected }: Call): void {
  expectClose('logits', answer.logits, expected.logits, LOGIT_STEP);
  expect(answer.hiddenStates).toHaveLength(expected.hidden_states.length);
  expect(answer.attentions).toHaveLength(expected.attentions.length);
  expected.hidden_states.forEach((state, i) => {
    expectClose(`hidden ${i}`, answer.hiddenStates?.[i], state);
  });
  expected.attentions.forEach((weights, i) => {
    expectClose(`attention ${i}`, answer.attentions?.[i], weights);
  });
}

const wanted = { outputHiddenStates: true, outputAttentions: true };

test.each(['semantic', 'coarse'] as const)(
  'the %s model answers what the reference answers',
  async (stage) => {
    const model = stage === 'semantic' ? semantic : coarse;
    let past: CausalForward['pastKeyValues'] = null;
    for (const call of calls.filter((one) => one.stage === stage)) {
      const { input_embeds: embeds } = call;
      const answer: CausalForward = await model.forward({
        ...wanted,
        ...(embeds === undefined
          ? { inputIds: call.input_ids as number[][], pastKeyValues: past }
          : { inputEmbeds: { data: Float32Array.from(valuesOf(embeds)), shape: embeds.shape } }),
        ...(call.attention_mask && { attentionMask: call.attention_mask }),
        ...(call.position_ids && { positionIds: call.position_ids }),
      });
      expectAll(answer, call);
      call.expected.past_key_values?.forEach(({ key, value }, i) => {
        expectClose(`key ${i}`, answer.pastKeyValues?.[i]?.key, key);
        expectClose(`value ${i}`, answer.pastKeyValues?.[i]?.value, value);
      });
      past = answer.pastKeyValues;
    }
  },
);

test.each(calls.filter(({ stage }) => stage === 'fine'))(
  'the fine model answers what the reference answers for $name',
  async (call) => {
    const answer = await fine.forward({
      ...wanted,
      codebookIndex: call.codebook_idx ?? 0,
      inputIds: call.input_ids as number[][][],
      ...(call.attention_mask && { attentionMask: call.attention_mask }),
    });
    expectAll(answer, call);
  },
);

test('what is not asked for is not answered', async () => {
  const answer = await semantic.forward({ inputIds: [[1, 2]], useCache: false });
  expect(answer).toMatchObject({ pastKeyValues: null, hiddenStates: null, attentions: null });
});

test('a batch answers what its rows answer alone', async () => {
  const both = await semantic.forward({
    inputIds: [
      [3, 4, 5],
      [6, 7, 8],
    ],
  });
  const alone = await semantic.forward({ inputIds: [[6, 7, 8]] });
  const half = both.logits.data.subarray(both.logits.data.length / 2);
  expect(
    Math.max(...half.map((value, i) => Math.abs(value - (alone.logits.data[i] ?? 0)))),
  ).toBeLessThan(1e-5);
});

describe('what is refused', () => {
  const embeds = { data: new Float32Array(32), shape: [1, 1, 32] };
  test.each([
    ['both ids and embeds', { inputIds: [[1]], inputEmbeds: embeds }, 'ValueError', 'not both'],
    ['neither ids nor embeds', {}, 'ValueError', 'inputIds or inputEmbeds'],
    ['labels', { inputIds: [[1]], labels: [[1]] }, 'NotImplementedError', 'labels'],
    ['rows of two lengths', { inputIds: [[1], [1, 2]] }, 'ValueError', 'one length'],
    ['an id beyond the vocabulary', { inputIds: [[1_328]] }, 'IndexError', '0..1327'],
    [
      'embeds of another width',
      { inputEmbeds: { data: new Float32Array(4), shape: [1, 1, 4] } },
      'ValueError',
      '[B, n, 32]',
    ],
    [
      'a mask that leaves out positions',
      { inputIds: [[1, 2]], attentionMask: [[1]] },
      'ValueError',
      '[1][2]',
    ],
    [
      'a position beyond the table',
      { inputIds: [[1]], positionIds: [[1_024]] },
      'IndexError',
      '0..1023',
    ],
    ['a head mask', { inputIds: [[1]], headMask: [1, 1] }, null, 'headMask is refused'],
    ['one of Python', { inputIds: [[1]], head_mask: [1, 1] }, null, 'head_mask is refused'],
    ['return_dict', { inputIds: [[1]], return_dict: false }, null, 'return_dict is refused'],
    ['a name of Python', { input_ids: [[1]] }, 'TypeError', 'here it is inputIds'],
    ['an unknown name', { inputIds: [[1]], loudness: 11 }, 'TypeError', 'no "loudness"'],
    ['an id that is none', { inputIds: [[1.5]] }, 'TypeError', 'entry 0 is 1.5'],
    [
      'a cache that is none',
      { inputIds: [[1]], pastKeyValues: [{}] },
      'TypeError',
      'pastKeyValues[0].key must be { data, shape }',
    ],
    ['a mask of parts', { inputIds: [[1]], attentionMask: [[0.5]] }, 'TypeError', '0..1'],
    [
      'more positions than there are',
      { inputIds: [new Int32Array(1_025)] },
      'IndexError',
      '1024 positions; 1025',
    ],
  ])('%s', async (_, options, reference, message) => {
    const error = expect.objectContaining({ name: 'BarkError', reference });
    const failing = semantic.forward(options as CausalForwardOptions);
    await expect(failing).rejects.toEqual(error);
    await expect(failing).rejects.toThrow(message);
  });

  test('a cache of other rows', async () => {
    const { pastKeyValues } = await semantic.forward({ inputIds: [[1], [2]] });
    await expect(semantic.forward({ inputIds: [[1]], pastKeyValues })).rejects.toThrow(
      '2 pairs of [1, 2, 1, 16]',
    );
  });

  test.each([
    [0, 'ValueError'],
    [-1, 'ValueError'],
    [1.5, 'ValueError'],
    [8, 'IndexError'],
  ])('codebook %d', async (codebookIndex, reference) => {
    await expect(fine.forward({ codebookIndex, inputIds: [[new Int32Array(8)]] })).rejects.toEqual(
      expect.objectContaining({ reference, message: expect.stringContaining('1..7') }),
    );
  });

  test.each([
    ['pastKeyValues', []],
    ['past_key_values', []],
    ['useCache', false],
  ])('%s of the fine model', async (name, value) => {
    const call = { codebookIndex: 2, inputIds: [[new Int32Array(8)]], [name]: value };
    await expect(fine.forward(call)).rejects.toThrow(`${name} is refused: every frame sees`);
  });

  test.each([
    ['a fraction', [1.5]],
    ['NaN', [Number.NaN]],
    ['a string', ['5']],
    ['below 0', [-1]],
    ['a hole', Array(1)],
  ])('codes that are none: %s', async (_, row) => {
    const codes = Array.from({ length: 8 }, () => row as number[]);
    await expect(codec.decode(codes)).rejects.toThrow(
      'codes[0] must hold whole numbers in 0..1023',
    );
  });

  test('codes that the codec does not have', async () => {
    const row = Int32Array.of(1_024);
    await expect(codec.decode(Array.from({ length: 8 }, () => row))).rejects.toThrow('0..1023');
    await expect(codec.decode([row])).rejects.toThrow('8 rows');
  });

  test('a recording, where the checkpoint has no encoder', async () => {
    await expect(codec.encode(new Float32Array(320))).rejects.toEqual(
      expect.objectContaining({
        name: 'CheckpointError',
        message: expect.stringContaining('no codec_model.encoder'),
      }),
    );
  });

  test('a forward that was given up', async () => {
    const signal = AbortSignal.abort(new Error('given up'));
    await expect(semantic.forward({ inputIds: [[1]], signal })).rejects.toThrow('given up');
  });
});

test('the codec gives 320 samples a frame', async () => {
  const samples = await codec.decode(Array.from({ length: 8 }, () => new Int32Array(9)));
  expect(samples).toHaveLength(320 * 9);
  expect(codec.config.hopLength).toBe(320);
});
