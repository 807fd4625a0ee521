import { expect, test } from 'vitest';
import { generateOptionsOf, type FlatOptions } from './speech-options.ts';

test.each<[string, FlatOptions, ReturnType<typeof generateOptionsOf>]>([
  ['nothing leaves all to the checkpoint', {}, {}],
  [
    'what is given goes on, and null for what is off',
    { temperature: 0.5, topK: 'off', coarseTopP: 0.9, fineTemperature: 0.2 },
    { temperature: 0.5, topK: null, coarseTopP: 0.9, fineTemperature: 0.2 },
  ],
  [
    'greedy is greedy in all stages',
    { greedy: true, maxNewTokens: 9, minNewTokens: 2, minEosP: 0.2 },
    {
      doSample: false,
      fineTemperature: 1,
      semanticMaxNewTokens: 9,
      minNewTokens: 2,
      minEosP: 0.2,
    },
  ],
  [
    'but where told otherwise',
    { greedy: true, fineTemperature: 0.2 },
    { doSample: false, fineTemperature: 0.2 },
  ],
  ['or in one', { coarseGreedy: true }, { coarseDoSample: false }],
])('%s', (_, flat, options) => {
  expect(generateOptionsOf(flat)).toEqual(options);
});
