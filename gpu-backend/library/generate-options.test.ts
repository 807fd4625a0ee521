import { describe, expect, test } from 'vitest';
import type { GenerateOptions } from './generate-options.ts';
import { speechOptions } from './generate-options.ts';

const LIMITS = { semanticTokens: 768 };
const of = (options: object) => speechOptions(options as GenerateOptions, LIMITS);

describe('options reach their stages', () => {
  test('without any the checkpoint decides', () => {
    expect(of({})).toEqual({ semantic: {}, coarse: {}, fine: {} });
  });

  test('what names no stage goes to all that know it', () => {
    expect(of({ doSample: false, temperature: 0.9, topK: 5, topP: 0.5 })).toEqual({
      semantic: { doSample: false, temperature: 0.9, topK: 5, topP: 0.5 },
      coarse: { doSample: false, temperature: 0.9, topK: 5, topP: 0.5 },
      fine: { temperature: 0.9 },
    });
  });

  test('what names a stage wins, null as well', () => {
    const options = {
      temperature: 0.9,
      semanticTemperature: null,
      coarseTemperature: 0.3,
      fineTemperature: 1,
      topK: 5,
      coarseTopK: 0,
      minEosP: 0.2,
      semanticMinEosP: null,
      minNewTokens: 3,
    };
    expect(of(options)).toEqual({
      semantic: { temperature: null, topK: 5, minEosP: null, minNewTokens: 3 },
      coarse: { temperature: 0.3, topK: null },
      fine: { temperature: 1 },
    });
  });

  test('undefined is as if left out', () => {
    expect(of({ temperature: 0.9, semanticTemperature: undefined, numBeams: undefined })).toEqual({
      semantic: { temperature: 0.9 },
      coarse: { temperature: 0.9 },
      fine: { temperature: 0.9 },
    });
  });
});

describe('what would break or do nothing is refused by name', () => {
  test.each([
    [{ maxNewTokens: 9 }, 'TypeError', 'maxNewTokens is refused: .*semanticMaxNewTokens'],
    [
      { coarseMaxNewTokens: 9 },
      'TypeError',
      'coarseMaxNewTokens is refused: .*semanticMaxNewTokens',
    ],
    [{ semanticMaxNewTokens: 769 }, 'ValueError', 'semanticMaxNewTokens .*1..768'],
    [{ semanticMaxNewTokens: 0 }, 'ValueError', '1..768'],
    [{ padTokenId: 0 }, null, 'padTokenId'],
    [{ semanticEosTokenId: 3 }, null, 'semanticEosTokenId'],
    [{ semanticSuppressTokens: [1] }, null, 'semanticSuppressTokens'],
    [{ minEosP: 0 }, 'ValueError', 'minEosP must be above 0'],
    [{ semanticMinEosP: -0.1 }, 'ValueError', 'semanticMinEosP must be above 0'],
    [{ coarseMinEosP: 0.1 }, null, 'coarseMinEosP would do nothing'],
    [{ temperature: 0 }, 'ValueError', 'temperature must be above 0.*doSample'],
    [{ fineTemperature: 0 }, 'RuntimeError', 'fineTemperature must be above 0'],
    [{ semanticTemperature: Number.NaN }, 'ValueError', 'semanticTemperature'],
    [{ topK: -1 }, 'ValueError', 'topK'],
    [{ topK: 1.5 }, 'ValueError', 'topK'],
    [{ coarseTopP: 1.1 }, null, 'coarseTopP'],
    [{ coarseTopP: -0.1 }, 'ValueError', 'coarseTopP'],
    [{ fineLoudness: 11 }, null, 'no option "fineLoudness"'],
    [{ num_beams: 4 }, null, 'num_beams is refused'],
    [{ max_new_tokens: 4 }, 'TypeError', 'max_new_tokens is refused'],
    [{ fineTopK: 5 }, null, 'fineTopK would do nothing'],
    [{ minNewTokens: -1 }, 'ValueError', 'minNewTokens'],
    [{ seed: -1 }, 'ValueError', 'seed'],
    [{ seed: 2 ** 53 }, 'ValueError', 'seed'],
    [{ firstRow: 0.5 }, 'ValueError', 'firstRow'],
    [{ numBeams: 4 }, null, 'numBeams is refused: other forms of search'],
    [{ coarseNumBeams: 4 }, null, 'coarseNumBeams is refused'],
    [{ repetitionPenalty: 1.2 }, null, 'repetitionPenalty is refused'],
    [{ semanticBadWordsIds: [[1]] }, null, 'semanticBadWordsIds is refused'],
    [{ diversityPenalty: 0.1 }, null, 'diversityPenalty is refused: other forms of search'],
    [{ semanticGuidanceScale: 2 }, null, 'semanticGuidanceScale is refused: this filter'],
    [{ maxTime: 3 }, null, 'maxTime is refused: .*a signal'],
    [{ streamer: {} }, null, 'streamer is refused: model.stream'],
    [{ outputScores: true }, null, 'outputScores is refused: outputFull'],
    [{ coarseSlidingWindowLen: 61 }, null, 'generation_config.json, an odd window'],
    [{ generationConfig: {} }, null, 'generationConfig'],
    [{ useCache: false }, null, 'useCache'],
    [{ do_sample: false }, 'ValueError', '"do_sample"; here it is doSample'],
    [{ loudness: 11 }, 'ValueError', 'There is no option "loudness"'],
    [{ toString: 1 }, 'ValueError', 'There is no option "toString"'],
  ])('%j', (options, reference, message) => {
    const refused = (): unknown => of(options);
    expect(refused).toThrow(expect.objectContaining({ name: 'BarkError', reference }));
    expect(refused).toThrow(new RegExp(message));
  });
});
