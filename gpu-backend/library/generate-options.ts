/**
 * The options of `BarkModel.generate` and how they reach the stages: what names a stage wins over what names
 * none, and combinations that the reference breaks on are refused (reference: section 7.2).
 */
import type { SamplingOptions, SemanticOptions, SpeechOptions } from '#shared/bark/options.ts';
import type { Voice } from '#shared/bark/voice.ts';
import type { BatchProgress } from '../pipeline/generate.ts';
import { assertFunction, assertSwitch, described } from './arguments.ts';
import type { BarkConfig, GenerationConfig } from './bark-config.ts';
import { BarkError } from './bark-error.ts';
import { refusalOf } from './refused-options.ts';

/**
 * How ids are chosen; what is left out comes from the checkpoint's `generation_config.json` (reference: sections 3.3 and
 * 7.2). Undefined counts as left out.
 */
export interface SamplingChoices {
  /** Draw (true) or take the likeliest id (false) in the semantic and the coarse stage; the fine stage goes by its temperature alone. */
  readonly doSample?: boolean | undefined;
  /** Divides the scores, above 0; null is 1, and in the fine stage null and 1 take the likeliest code. */
  readonly temperature?: number | null | undefined;
  /** Keep the k likeliest ids, and those that tie with the last; null and 0 keep all. Not in the fine stage. */
  readonly topK?: number | null | undefined;
  /** Keep the likeliest ids that together reach this probability, 0..1; null keeps all. Not in the fine stage. */
  readonly topP?: number | null | undefined;
  /** Stop as soon as the end's probability (at temperature 1) exceeds this, above 0; null never does. 0.05..0.2 helps against chatter at the end. */
  readonly minEosP?: number | null | undefined;
  /** Fewest semantic tokens, 49.9 a second: before them the end is not allowed. */
  readonly minNewTokens?: number | null | undefined;
}

/** Options of one stage, by name; they win over the others (reference: section 7.2). */
export interface StageChoices {
  /** As `doSample`, for this stage alone. */
  readonly semanticDoSample?: boolean | undefined;
  /** As `temperature`, for this stage alone. */
  readonly semanticTemperature?: number | null | undefined;
  /** As `topK`, for this stage alone. */
  readonly semanticTopK?: number | null | undefined;
  /** As `topP`, for this stage alone. */
  readonly semanticTopP?: number | null | undefined;
  /** The same as `minEosP`, which it wins over. */
  readonly semanticMinEosP?: number | null | undefined;
  /** The same as `minNewTokens`, which it wins over. */
  readonly semanticMinNewTokens?: number | null | undefined;
  /** Most semantic tokens, 49.9 a second; 1..768 with the published models. */
  readonly semanticMaxNewTokens?: number | undefined;
  /** As `doSample`, for this stage alone. */
  readonly coarseDoSample?: boolean | undefined;
  /** As `temperature`, for this stage alone. */
  readonly coarseTemperature?: number | null | undefined;
  /** As `topK`, for this stage alone. */
  readonly coarseTopK?: number | null | undefined;
  /** As `topP`, for this stage alone. */
  readonly coarseTopP?: number | null | undefined;
  /** As `temperature`, for this stage alone; null and 1 take the likeliest code. */
  readonly fineTemperature?: number | null | undefined;
}

/** Everything that `BarkModel.generate` takes beside its inputs (reference: section 7). */
export interface GenerateOptions extends SamplingChoices, StageChoices {
  /** The voice of all rows; wins over that of the inputs. Null speaks without. */
  readonly historyPrompt?: Voice | null | undefined;
  /** Answer the samples of each row, what comes after being silence; false unless told. */
  readonly returnOutputLengths?: boolean | undefined;
  /**
   * Whether each row is computed as if it were alone; true unless told. False is the reference's way, in which the
   * fine stage of a shorter row sees what the coarse stage went on to say after its end.
   */
  readonly rowIndependentFine?: boolean | undefined;
  /** Answer the tokens and codes of each row and the voice that they make; false unless told. */
  readonly outputFull?: boolean | undefined;
  /** Chooses the take, an integer in 0..2^53 - 1: the same seed, row, text and options give the same audio. Drawn unless told, and answered. */
  readonly seed?: number | undefined;
  /** Draws of row r are those of row firstRow + r, so that a part of a batch can be had again; 0 unless told. */
  readonly firstRow?: number | undefined;
  /** Stops within one step; what is thrown is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Told after every step of every row. */
  readonly onProgress?: ((progress: BatchProgress) => void) | undefined;
}

/** Throws BarkError for options that another call takes; each with what to do instead. */
export function refuseOptions(options: object, refused: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(options)) {
    const remedy = Object.hasOwn(refused, name) ? refused[name] : undefined;
    if (value === undefined || remedy === undefined) continue;
    throw new BarkError(`${name} is refused: ${remedy}.`, null);
  }
}

/** What a checkpoint's sizes allow. */
export interface OptionLimits {
  /** Most semantic tokens that the positions hold. */
  readonly semanticTokens: number;
}

/** What the sizes of a model allow. */
export function optionLimits(
  { semantic: { blockSize } }: BarkConfig,
  { semantic: { maxInputSemanticLength } }: GenerationConfig,
): OptionLimits {
  // the prompt ends with the infer token, and the last token of all is not read again
  return { semanticTokens: blockSize - maxInputSemanticLength };
}

/** Largest seed. */
const SEED_MAX = Number.MAX_SAFE_INTEGER;
/** Rows are the second word of the counter that draws come from. */
const ROW_MAX = 2 ** 32 - 1;

/** The names of all options; the type keeps the list whole. */
const KNOWN: Readonly<Record<keyof GenerateOptions, true>> = {
  doSample: true,
  temperature: true,
  topK: true,
  topP: true,
  minEosP: true,
  minNewTokens: true,
  semanticDoSample: true,
  semanticTemperature: true,
  semanticTopK: true,
  semanticTopP: true,
  semanticMinEosP: true,
  semanticMinNewTokens: true,
  semanticMaxNewTokens: true,
  coarseDoSample: true,
  coarseTemperature: true,
  coarseTopK: true,
  coarseTopP: true,
  fineTemperature: true,
  historyPrompt: true,
  returnOutputLengths: true,
  rowIndependentFine: true,
  outputFull: true,
  seed: true,
  firstRow: true,
  signal: true,
  onProgress: true,
};

/** Options that are true or false, and those that are neither that nor a number. */
const SWITCHES = new Set([
  'doSample',
  'semanticDoSample',
  'coarseDoSample',
  'returnOutputLengths',
  'rowIndependentFine',
  'outputFull',
]);
const OBJECTS = new Set(['historyPrompt', 'signal', 'onProgress']);

/** Throws BarkError for a text where a number belongs, and the like. */
function assertType(name: string, value: unknown): void {
  if (OBJECTS.has(name)) return;
  if (SWITCHES.has(name)) return assertSwitch(name, value);
  if (value === null || typeof value === 'number') return;
  throw new BarkError(`${name} must be a number; it is ${described(value)}.`, 'TypeError');
}

/** The options of the stages; throws BarkError that names the option at fault and what to give instead. */
export function speechOptions(options: GenerateOptions, limits: OptionLimits): SpeechOptions {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(KNOWN, name)) throw refusalOf(name, Object.keys(KNOWN));
    assertType(name, value);
  }
  assertFunction('onProgress', options.onProgress);
  assertInteger('seed', options.seed, 0, SEED_MAX);
  assertInteger('firstRow', options.firstRow, 0, ROW_MAX);
  const semantic: SemanticOptions = {
    ...sampling(options, {
      doSample: ['semanticDoSample', options.semanticDoSample],
      temperature: ['semanticTemperature', options.semanticTemperature],
      topK: ['semanticTopK', options.semanticTopK],
      topP: ['semanticTopP', options.semanticTopP],
    }),
    ...ending(options, limits),
  };
  const coarse = sampling(options, {
    doSample: ['coarseDoSample', options.coarseDoSample],
    temperature: ['coarseTemperature', options.coarseTemperature],
    topK: ['coarseTopK', options.coarseTopK],
    topP: ['coarseTopP', options.coarseTopP],
  });
  const temperature = pick(
    ['fineTemperature', options.fineTemperature],
    ['temperature', options.temperature],
  );
  assertTemperature(temperature);
  return {
    semantic,
    coarse,
    fine: temperature[1] === undefined ? {} : { temperature: temperature[1] },
  };
}

type Named<Value> = readonly [name: string, value: Value | undefined];

/** What names the stage, if it is given at all; null is given too. */
function pick<Value>(ofStage: Named<Value>, ofAll: Named<Value>): Named<Value> {
  return ofStage[1] === undefined ? ofAll : ofStage;
}

function sampling(
  all: SamplingChoices,
  stage: {
    readonly doSample: Named<boolean>;
    readonly temperature: Named<number | null>;
    readonly topK: Named<number | null>;
    readonly topP: Named<number | null>;
  },
): SamplingOptions {
  const doSample = pick(stage.doSample, ['doSample', all.doSample]);
  const temperature = pick(stage.temperature, ['temperature', all.temperature]);
  const topK = pick(stage.topK, ['topK', all.topK]);
  const topP = pick(stage.topP, ['topP', all.topP]);
  assertTemperature(temperature);
  assertInteger(topK[0], topK[1], 0, Number.MAX_SAFE_INTEGER);
  const [nameOfP, p] = topP;
  if (p !== undefined && p !== null && !(p >= 0 && p <= 1)) {
    // the reference leaves out its filter for what is not below 1
    throw new BarkError(`${nameOfP} must lie in 0..1; it is ${p}.`, p < 0 ? 'ValueError' : null);
  }
  return {
    ...(doSample[1] === undefined ? {} : { doSample: doSample[1] }),
    ...(temperature[1] === undefined ? {} : { temperature: temperature[1] }),
    // as in the reference 0 keeps all
    ...(topK[1] === undefined ? {} : { topK: topK[1] === 0 ? null : topK[1] }),
    ...(p === undefined ? {} : { topP: p }),
  };
}

function ending(options: GenerateOptions, { semanticTokens }: OptionLimits): SemanticOptions {
  const [nameOfP, minEosP] = pick(
    ['semanticMinEosP', options.semanticMinEosP],
    ['minEosP', options.minEosP],
  );
  if (minEosP !== undefined && minEosP !== null && !(minEosP > 0)) {
    throw new BarkError(
      `${nameOfP} must be above 0; it is ${minEosP}. Leave it out to let the model end by itself.`,
      'ValueError',
    );
  }
  const [nameOfMin, minNewTokens] = pick(
    ['semanticMinNewTokens', options.semanticMinNewTokens],
    ['minNewTokens', options.minNewTokens],
  );
  assertInteger(nameOfMin, minNewTokens, 0, Number.MAX_SAFE_INTEGER);
  const { semanticMaxNewTokens: maxNewTokens } = options;
  if (maxNewTokens === null) {
    throw new BarkError(
      `semanticMaxNewTokens must be an integer in 1..${semanticTokens}; leave it out for the checkpoint's.`,
      'ValueError',
    );
  }
  assertInteger('semanticMaxNewTokens', maxNewTokens, 1, semanticTokens);
  return {
    ...(minEosP === undefined ? {} : { minEosP }),
    ...(minNewTokens === undefined ? {} : { minNewTokens }),
    ...(maxNewTokens === undefined ? {} : { maxNewTokens }),
  };
}

function assertTemperature([name, value]: Named<number | null>): void {
  if (value === undefined || value === null || (value > 0 && value < Infinity)) return;
  throw new BarkError(
    `${name} must be above 0; it is ${value}. For the likeliest ids set doSample to false and fineTemperature to null.`,
    name === 'fineTemperature' ? 'RuntimeError' : 'ValueError',
  );
}

/** Throws BarkError for what is not a whole number in a range, null or left out. */
function assertInteger(
  name: string,
  value: number | null | undefined,
  min: number,
  max: number,
): void {
  if (value === undefined || value === null) return;
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new BarkError(
      `${name} must be an integer in ${min}..${max}; it is ${value}.`,
      'ValueError',
    );
  }
}

/** A seed from the system's randomness. */
export function randomSeed(): number {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return (high >>> 11) * 2 ** 32 + low;
}
