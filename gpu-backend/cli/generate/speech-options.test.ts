import { expect, test } from 'vitest';
import { speechOptionsOf, type FlatOptions } from './speech-options.ts';

test.each<[string, FlatOptions, ReturnType<typeof speechOptionsOf>]>([
  ['nothing leaves all to the checkpoint', {}, { semantic: {}, coarse: {}, fine: {} }],
  [
    'what names no stage goes to all',
    { temperature: 0.5, topK: null, topP: 0.9 },
    {
      semantic: { temperature: 0.5, topK: null, topP: 0.9 },
      coarse: { temperature: 0.5, topK: null, topP: 0.9 },
      fine: { temperature: 0.5 },
    },
  ],
  [
    'what names one wins',
    { temperature: 0.5, semanticTemperature: 0.9, coarseTopK: null, topK: 5, fineTemperature: 0.2 },
    {
      semantic: { temperature: 0.9, topK: 5 },
      coarse: { temperature: 0.5, topK: null },
      fine: { temperature: 0.2 },
    },
  ],
  [
    'greedy is greedy in all stages',
    { greedy: true, maxNewTokens: 9, minNewTokens: 2, minEosP: 0.2 },
    {
      semantic: { doSample: false, maxNewTokens: 9, minNewTokens: 2, minEosP: 0.2 },
      coarse: { doSample: false },
      fine: { temperature: 1 },
    },
  ],
  ['or in one', { coarseGreedy: true }, { semantic: {}, coarse: { doSample: false }, fine: {} }],
])('%s', (_, flat, options) => {
  expect(speechOptionsOf(flat)).toEqual(options);
});
