/** Every public function with arguments that are none: always a typed error that names the argument, never a raw one. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as library from './bark.ts';
import {
  BarkConfig,
  BarkModel,
  BarkProcessor,
  CoarseModel,
  CodecModel,
  encodeWav,
  FineModel,
  GenerationConfig,
  readVoiceNpz,
  readWav,
  saveVoiceNpys,
  saveVoiceNpz,
  saveWav,
  SemanticModel,
  speakLong,
  splitSentences,
  voiceFromRecording,
} from './bark.ts';

const TINY = fileURLToPath(new URL('../../models/bark-tiny', import.meta.url));
const TYPED = ['BarkError', 'ProcessorError', 'CheckpointError'];

const throwing = Object.defineProperty({}, 'inputIds', {
  enumerable: true,
  get: () => {
    throw new Error('a getter of the caller');
  },
});
const trap = new Proxy([], {
  get: () => {
    throw new Error('a proxy of the caller');
  },
});
/** Values that fit hardly any argument; where one does, it is left out. */
const NONSENSE: Readonly<Record<string, unknown>> = {
  null: null,
  undefined: undefined,
  number: 1.5,
  NaN: Number.NaN,
  text: 'nonsense',
  'empty text': '',
  'zero in a text': 'a\0b',
  boolean: true,
  bigint: 5n,
  symbol: Symbol('x'),
  function: () => 1,
  array: [],
  'sparse array': Object.freeze(Array(3)),
  'array of null': [null],
  object: Object.freeze({}),
  'unknown field': { loudness: 11 },
  date: new Date(0),
  'throwing getter': throwing,
  'throwing proxy': trap,
  'array of proxy': [trap],
  'huge array': Array(2 ** 32 - 1),
  'array of a huge one': [Array(2 ** 32 - 1)],
  'like a huge array': { length: 2 ** 53 - 1 },
  'shared memory': new Float64Array(new SharedArrayBuffer(64)).fill(Number.NaN),
  bytes: Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0),
};

let folder: string;
let model: BarkModel;
let processor: BarkProcessor;
let semantic: SemanticModel;
let coarse: CoarseModel;
let fine: FineModel;
let codec: CodecModel;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bark-hostile-'));
  const one = { threads: 1 };
  model = await BarkModel.fromPretrained(TINY, one);
  processor = await BarkProcessor.fromPretrained(TINY);
  semantic = await SemanticModel.fromPretrained(TINY, one);
  coarse = await CoarseModel.fromPretrained(TINY, one);
  fine = await FineModel.fromPretrained(TINY, one);
  codec = await CodecModel.fromPretrained(TINY, one);
});
afterAll(async () => {
  for (const one of [model, semantic, coarse, fine, codec]) await one.release();
  await rm(folder, { recursive: true });
});

const ids = { inputIds: [[1]] };
const samples = new Float32Array(24_000).fill(0.5);
const frames = [[new Int32Array(8)]];
const recording = { sampleRate: 24_000, transcript: 'Hello' };
const drained = async (items: AsyncIterable<unknown>): Promise<void> => {
  for await (const _ of items) return;
};

/** What is called with a value in place of an argument, and the values that it takes there. */
type Case = readonly [
  name: string,
  call: (value: never) => unknown,
  fits?: readonly (keyof typeof NONSENSE)[],
];

/** An options object may be left out. */
const OPTIONS = ['undefined', 'object'] as const;
/** So may an option. */
const OPTION = ['undefined'] as const;

/** Fields of a file that are not known count for nothing, as in the reference. */
const FIELDS = ['object', 'unknown field', 'like a huge array'] as const;

const CASES: readonly Case[] = [
  ['BarkModel.fromPretrained(_)', (value) => BarkModel.fromPretrained(value)],
  ['BarkModel.fromPretrained(, _)', (value) => BarkModel.fromPretrained('gone', value), []],
  ['BarkModel.generate(_)', (value) => model.generate(value)],
  ['BarkModel.generate(, _)', (value) => model.generate({ inputIds: [] }, value)],
  ['BarkModel.generate inputIds', (inputIds) => model.generate({ inputIds })],
  [
    'BarkModel.generate row',
    (row) => model.generate({ inputIds: [row] }, { semanticMaxNewTokens: 1 }),
    ['array', 'bytes'],
  ],
  [
    'BarkModel.generate attentionMask',
    (attentionMask) => model.generate({ ...ids, attentionMask }, { semanticMaxNewTokens: 1 }),
    ['null', 'undefined'],
  ],
  [
    'BarkModel.generate historyPrompt',
    (historyPrompt) => model.generate(ids, { historyPrompt, semanticMaxNewTokens: 1 }),
    ['null', 'undefined'],
  ],
  [
    'BarkModel.generate signal',
    (signal) => model.generate(ids, { signal, semanticMaxNewTokens: 1 }),
    ['null', 'undefined'],
  ],
  [
    'BarkModel.generate onProgress',
    (onProgress) => model.generate(ids, { onProgress, semanticMaxNewTokens: 1 }),
    ['null', 'undefined', 'function'],
  ],
  ...(['doSample', 'topK', 'topP', 'temperature', 'minEosP', 'seed', 'firstRow'] as const).map(
    (name): Case => [
      `BarkModel.generate ${name}`,
      (value) => model.generate(ids, { [name]: value, semanticMaxNewTokens: 1 }),
      name === 'doSample'
        ? ['undefined', 'boolean']
        : name === 'temperature' || name === 'minEosP'
          ? ['undefined', 'null', 'number']
          : ['undefined', 'null'],
    ],
  ),
  ['BarkModel.generateSemantic(_)', (value) => model.generateSemantic(value)],
  ['BarkModel.generateSemantic(, _)', (value) => model.generateSemantic({ inputIds: [] }, value)],
  ['BarkModel.stream(_)', (value) => drained(model.stream(value))],
  ['BarkModel.stream(, _)', (value) => drained(model.stream({ inputIds: [] }, value))],
  ['BarkModel.stream latency', (latency) => drained(model.stream({ inputIds: [] }, { latency }))],
  ['BarkModel.encode(_)', (value) => model.encode(value)],
  ['BarkModel.encode(, _)', (value) => model.encode(samples, value)],
  ['speakLong(_)', (value) => drained(speakLong(value, processor, 'Hi'))],
  ['speakLong(, _)', (value) => drained(speakLong(model, value, 'Hi'))],
  [
    'speakLong(, , _)',
    (value) => drained(speakLong(model, processor, value)),
    ['empty text', 'text', 'zero in a text'],
  ],
  ['speakLong(, , , _)', (value) => drained(speakLong(model, processor, '', value)), OPTIONS],
  ...(['pauseSeconds', 'attempts', 'trimSilence', 'rollingHistory', 'language'] as const).map(
    (name): Case => [
      `speakLong ${name}`,
      (value) => drained(speakLong(model, processor, '', { [name]: value })),
      name === 'pauseSeconds'
        ? ['undefined', 'number']
        : name === 'attempts'
          ? OPTION
          : name === 'language'
            ? ['undefined', 'text']
            : ['undefined', 'boolean'],
    ],
  ),
  [
    'speakLong voicePreset',
    (voicePreset) => drained(speakLong(model, processor, '', { voicePreset })),
    ['null', 'undefined'],
  ],
  ['splitSentences(_)', (value) => splitSentences(value), ['text', 'empty text', 'zero in a text']],
  ['splitSentences(, _)', (value) => splitSentences('Hi', value), OPTIONS],
  ['BarkProcessor.fromPretrained(_)', (value) => BarkProcessor.fromPretrained(value)],
  [
    'BarkProcessor.fromPretrained(, _)',
    (value) => BarkProcessor.fromPretrained(TINY, value),
    OPTIONS,
  ],
  [
    'BarkProcessor.process(_)',
    (value) => processor.process(value),
    ['text', 'empty text', 'zero in a text'],
  ],
  ['BarkProcessor.process(, _)', (value) => processor.process('Hi', value), OPTIONS],
  [
    'BarkProcessor.process voicePreset',
    (voicePreset) => processor.process('Hi', { voicePreset }),
    ['null', 'undefined'],
  ],
  [
    'BarkProcessor.encode(_)',
    (value) => processor.encode(value),
    ['text', 'empty text', 'zero in a text'],
  ],
  ['BarkProcessor.encode(, _)', (value) => processor.encode('Hi', value), OPTIONS],
  ['BarkProcessor.encode maxLength', (maxLength) => processor.encode('Hi', { maxLength }), OPTION],
  ['BarkProcessor.loadVoicePreset(_)', (value) => processor.loadVoicePreset(value)],
  [
    'BarkProcessor.loadVoicePreset array',
    (value) =>
      processor.loadVoicePreset({
        semantic_prompt: value,
        coarse_prompt: { shape: [2, 1], data: [1, 2] },
        fine_prompt: { shape: [8, 1], data: new Uint16Array(8) },
      }),
  ],
  [
    'BarkProcessor.loadVoicePreset data',
    (data) =>
      processor.loadVoicePreset({
        semantic_prompt: { shape: [1], data },
        coarse_prompt: { shape: [2, 1], data: [1, 2] },
        fine_prompt: { shape: [8, 1], data: new Uint16Array(8) },
      }),
  ],
  ['BarkProcessor.savePretrained(_)', (value) => processor.savePretrained(value), ['text']],
  [
    'BarkProcessor.savePretrained(, _)',
    (value) => processor.savePretrained(folder, value),
    OPTIONS,
  ],
  ['readVoiceNpz(_)', (value) => readVoiceNpz(value)],
  ['saveVoiceNpz(_)', (value) => saveVoiceNpz(value)],
  ['saveVoiceNpys(_)', (value) => saveVoiceNpys(value)],
  ['voiceFromRecording(_)', (value) => voiceFromRecording(value, processor, samples, recording)],
  ['voiceFromRecording(, _)', (value) => voiceFromRecording(model, value, samples, recording)],
  ['voiceFromRecording(, , _)', (value) => voiceFromRecording(model, processor, value, recording)],
  ['voiceFromRecording(, , , _)', (value) => voiceFromRecording(model, processor, samples, value)],
  [
    'voiceFromRecording sampleRate',
    (sampleRate) => voiceFromRecording(model, processor, samples, { ...recording, sampleRate }),
  ],
  ['readWav(_)', (value) => readWav(value)],
  ['encodeWav(_)', (value) => encodeWav(value, 24_000)],
  ['encodeWav(, _)', (value) => encodeWav(samples, value)],
  ['saveWav(_)', (value) => saveWav(value, samples, 1.5)],
  ['saveWav(, _)', (value) => saveWav(join(folder, 'a.wav'), value, 24_000)],
  ['saveWav(, , _)', (value) => saveWav(join(folder, 'a.wav'), samples, value)],
  ['SemanticModel.fromPretrained(_)', (value) => SemanticModel.fromPretrained(value)],
  ['SemanticModel.fromPretrained(, _)', (value) => SemanticModel.fromPretrained('gone', value)],
  ['SemanticModel.forward(_)', (value) => semantic.forward(value)],
  ['SemanticModel.forward inputIds', (inputIds) => semantic.forward({ inputIds })],
  ['SemanticModel.forward row', (row) => semantic.forward({ inputIds: [row] }), ['bytes']],
  ['SemanticModel.forward inputEmbeds', (inputEmbeds) => semantic.forward({ inputEmbeds })],
  ...(
    ['pastKeyValues', 'attentionMask', 'positionIds', 'signal', 'labels', 'headMask'] as const
  ).map((name): Case => [
    `SemanticModel.forward ${name}`,
    (value) => semantic.forward({ ...ids, [name]: value }),
    name === 'pastKeyValues' ? ['undefined', 'null', 'array'] : ['undefined', 'null'],
  ]),
  [
    'SemanticModel.forward layer',
    (layer) => semantic.forward({ ...ids, pastKeyValues: [layer, layer] }),
  ],
  [
    'SemanticModel.forward key',
    (key) => semantic.forward({ ...ids, pastKeyValues: [{ key, value: key }] }),
  ],
  ...(['useCache', 'outputHiddenStates', 'outputAttentions'] as const).map((name): Case => [
    `SemanticModel.forward ${name}`,
    (value) => semantic.forward({ ...ids, [name]: value }),
    ['undefined', 'boolean'],
  ]),
  ['CoarseModel.fromPretrained(_)', (value) => CoarseModel.fromPretrained(value)],
  ['CoarseModel.forward(_)', (value) => coarse.forward(value)],
  ['FineModel.fromPretrained(_)', (value) => FineModel.fromPretrained(value)],
  ['FineModel.forward(_)', (value) => fine.forward(value)],
  [
    'FineModel.forward codebookIndex',
    (codebookIndex) => fine.forward({ codebookIndex, inputIds: frames }),
  ],
  ['FineModel.forward inputIds', (inputIds) => fine.forward({ codebookIndex: 2, inputIds })],
  ['FineModel.forward window', (window) => fine.forward({ codebookIndex: 2, inputIds: [window] })],
  ['FineModel.forward frame', (frame) => fine.forward({ codebookIndex: 2, inputIds: [[frame]] })],
  ...(['pastKeyValues', 'useCache', 'attentionMask'] as const).map((name): Case => [
    `FineModel.forward ${name}`,
    (value) => fine.forward({ codebookIndex: 2, inputIds: frames, [name]: value }),
    ['undefined', 'null'],
  ]),
  ['CodecModel.fromPretrained(_)', (value) => CodecModel.fromPretrained(value)],
  ['CodecModel.decode(_)', (value) => codec.decode(value)],
  ['CodecModel.decode row', (row) => codec.decode(Array<never>(8).fill(row)), ['array', 'bytes']],
  ['CodecModel.decode(, _)', (value) => codec.decode(frames[0] as never, value)],
  ['CodecModel.encode(_)', (value) => codec.encode(value)],
  ['CodecModel.encode(, _)', (value) => codec.encode(samples, value)],
  ['BarkConfig.fromSubModelConfigs(_)', (value) => BarkConfig.fromSubModelConfigs(value), OPTIONS],
  [
    'BarkConfig.fromSubModelConfigs part',
    (value) => BarkConfig.fromSubModelConfigs({ semantic: value }),
    ['null', 'undefined', 'object'],
  ],
  ['BarkConfig.fromJson(_)', (value) => BarkConfig.fromJson(value), FIELDS],
  ['BarkConfig.fromPretrained(_)', (value) => BarkConfig.fromPretrained(value)],
  ['BarkConfig.toJson(_)', (value) => BarkConfig.toJson(value)],
  ['BarkConfig.savePretrained(_)', (value) => BarkConfig.savePretrained(value, folder)],
  [
    'BarkConfig.savePretrained(, _)',
    (value) => BarkConfig.savePretrained(model.config, value),
    ['text'],
  ],
  ['GenerationConfig.fromJson(_)', (value) => GenerationConfig.fromJson(value), FIELDS],
  ['GenerationConfig.fromPretrained(_)', (value) => GenerationConfig.fromPretrained(value)],
  ['GenerationConfig.toJson(_)', (value) => GenerationConfig.toJson(value)],
  ['GenerationConfig.savePretrained(_)', (value) => GenerationConfig.savePretrained(value, folder)],
];

describe('an argument that is none is refused, with a sentence', () => {
  const table = CASES.map(([name, call, fits = []]) => ({ name, call, fits }));
  test.each(table)('$name', async ({ call, fits }) => {
    for (const [what, value] of Object.entries(NONSENSE)) {
      if (fits.includes(what)) continue;
      let error: unknown = 'nothing was thrown';
      try {
        await call(value as never);
      } catch (thrown) {
        error = thrown;
      }
      const { name, message } = error as Error;
      expect([what, String(error), TYPED.includes(name)]).toEqual([what, String(error), true]);
      expect([what, message]).toEqual([what, expect.stringMatching(/^\S.{15,600}$/su)]);
      expect(message).not.toContain('of the caller');
    }
  });
});

test('every public function is in the table', () => {
  const called = new Set(CASES.map(([name]) => name.split(/[( ]/)[0]));
  // the coarse model shares its forward with the semantic one, whose cases are the whole list
  const missing: string[] = [];
  for (const [name, value] of Object.entries(library)) {
    if (name.endsWith('Error') || Array.isArray(value)) continue;
    if (typeof value === 'function' && !String(value).startsWith('class') && !called.has(name)) {
      missing.push(name);
    }
    const members = new Set([
      ...Object.getOwnPropertyNames(value).filter(
        (key) => key !== 'prototype' && !(key in Function.prototype),
      ),
      ...inherited((value as { prototype?: object }).prototype),
    ]);
    for (const member of members) {
      if (!called.has(`${name}.${member}`) && !TAKE_NOTHING.has(member)) {
        missing.push(`${name}.${member}`);
      }
    }
  }
  expect(missing).toEqual([]);
});

/** Properties, and functions without arguments. */
const TAKE_NOTHING = new Set([
  'constructor',
  'config',
  'generationConfig',
  'sampleRate',
  'hasEncoder',
  'availableVoicePresets',
  'release',
  'published',
]);

function inherited(prototype: object | undefined | null): string[] {
  if (!prototype || prototype === Object.prototype) return [];
  if (Symbol.asyncIterator in prototype) return [];
  return [
    ...Object.getOwnPropertyNames(prototype),
    ...inherited(Object.getPrototypeOf(prototype) as object | null),
  ];
}
