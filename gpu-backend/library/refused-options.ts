/** Options that the reference knows and this engine refuses, each with the reason and what to give instead (reference: section 7.2). */
import { camelCase, shown } from './arguments.ts';
import { BarkError, type ReferenceError } from './bark-error.ts';

const STAGES = ['semantic', 'coarse', 'fine'] as const;

type Refusal = readonly [reason: string, reference: ReferenceError | null];

const SEARCH: Refusal = [
  'other forms of search than greedy and sampling are not part of this engine',
  null,
];
const FILTER: Refusal = [
  'this filter of scores is not part of this engine; temperature, topK, topP and minEosP are',
  null,
];
const STOP: Refusal = [
  'other ends are not part of this engine; give semanticMaxNewTokens, minEosP or a signal',
  null,
];
const OUTPUT: Refusal = [
  'outputFull answers tokens and codes; for the rest call the forward of a model by itself',
  null,
];
const WINDOW: Refusal = [
  "window lengths are the checkpoint's; set them in its generation_config.json, an odd window is refused there",
  null,
];

/** Names without their stage that the reference knows and this engine refuses, with the reason. */
const REFUSED = new Map<string, Refusal>(
  Object.entries({
    maxNewTokens: [
      'the coarse stage sets it by itself, so it can only be told to the semantic one: use semanticMaxNewTokens',
      'TypeError',
    ],
    maxLength: ['use semanticMaxNewTokens', null],
    minLength: ['use semanticMinNewTokens', null],
    padTokenId: ['finished rows would be counted as speech: leave it out', null],
    eosTokenId: ["the end token is the checkpoint's: leave it out", null],
    suppressTokens: [
      "the semantic stage's own suppression replaces it, so it would do nothing: leave it out",
      null,
    ],
    generationConfig: ['the reference takes it and discards it: give the options themselves', null],
    useCache: ['without a cache the reference says something else: it is always used', null],
    numBeams: SEARCH,
    numBeamGroups: SEARCH,
    numReturnSequences: SEARCH,
    diversityPenalty: SEARCH,
    forceWordsIds: SEARCH,
    promptLookupNumTokens: SEARCH,
    penaltyAlpha: SEARCH,
    assistantModel: SEARCH,
    lengthPenalty: SEARCH,
    earlyStopping: SEARCH,
    constraints: SEARCH,
    repetitionPenalty: FILTER,
    noRepeatNgramSize: FILTER,
    badWordsIds: FILTER,
    sequenceBias: FILTER,
    typicalP: FILTER,
    minP: FILTER,
    epsilonCutoff: FILTER,
    etaCutoff: FILTER,
    guidanceScale: FILTER,
    encoderRepetitionPenalty: FILTER,
    exponentialDecayLengthPenalty: FILTER,
    forcedBosTokenId: FILTER,
    prefixAllowedTokensFn: FILTER,
    removeInvalidValues: FILTER,
    renormalizeLogits: FILTER,
    watermarkingConfig: FILTER,
    beginSuppressTokens: FILTER,
    forcedEosTokenId: FILTER,
    logitsProcessor: FILTER,
    stoppingCriteria: STOP,
    stopStrings: STOP,
    maxTime: STOP,
    streamer: ['model.stream yields samples as they come', null],
    returnDictInGenerate: OUTPUT,
    outputScores: OUTPUT,
    outputLogits: OUTPUT,
    outputAttentions: OUTPUT,
    outputHiddenStates: OUTPUT,
    slidingWindowLen: WINDOW,
    slidingWindowLength: WINDOW,
    maxCoarseHistory: WINDOW,
    maxFineHistoryLength: WINDOW,
  }),
);

/** Names that stand for nothing in a stage, though they do in another. */
const IDLE = new Map(
  Object.entries({
    coarseMinEosP: 'the coarse stage ends by length',
    coarseMinNewTokens: 'the coarse stage ends by length',
    fineDoSample: 'the fine stage reads fineTemperature alone',
    fineTopK: 'the fine stage reads fineTemperature alone',
    fineTopP: 'the fine stage reads fineTemperature alone',
    fineMinEosP: 'the fine stage reads fineTemperature alone',
    fineMinNewTokens: 'the fine stage reads fineTemperature alone',
  }),
);

/** The error for an option that does not exist here: refused for a reason, without effect, or not known at all. */
export function refusalOf(name: string, known: readonly string[]): BarkError {
  const idle = IDLE.get(name);
  if (idle !== undefined) return new BarkError(`${name} would do nothing: ${idle}.`, null);
  const camel = camelCase(name);
  const stage = STAGES.find((one) => camel.startsWith(one));
  const rest = stage === undefined ? camel : camel.slice(stage.length);
  const base = rest.charAt(0).toLowerCase() + rest.slice(1);
  const refusal = REFUSED.get(camel) ?? REFUSED.get(base);
  if (refusal !== undefined) return new BarkError(`${name} is refused: ${refusal[0]}.`, refusal[1]);
  const hint = camel !== name && known.includes(camel) ? `; here it is ${camel}` : '';
  // the fine stage of the reference reads its temperature and looks at nothing else
  return new BarkError(
    `There is no option ${shown(name)}${hint}.`,
    stage === 'fine' ? null : 'ValueError',
  );
}
