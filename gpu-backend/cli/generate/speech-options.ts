/** From the options of a command line to those of the library: what is greedy and what is called otherwise there. */
import type { GenerateOptions } from '../../library/generate-options.ts';
import { nullIfOff, type Off } from '../values.ts';

/** Undefined was not given. */
export interface FlatOptions extends Pick<
  GenerateOptions,
  'temperature' | 'minNewTokens' | 'semanticTemperature' | 'coarseTemperature' | 'fineTemperature'
> {
  readonly topK?: number | Off | undefined;
  readonly topP?: number | Off | undefined;
  readonly minEosP?: number | Off | undefined;
  readonly semanticTopK?: number | Off | undefined;
  readonly semanticTopP?: number | Off | undefined;
  readonly coarseTopK?: number | Off | undefined;
  readonly coarseTopP?: number | Off | undefined;
  readonly maxNewTokens?: number | undefined;
  readonly greedy?: true | undefined;
  readonly semanticGreedy?: true | undefined;
  readonly coarseGreedy?: true | undefined;
}

export function generateOptionsOf(flat: FlatOptions): GenerateOptions {
  return given({
    doSample: isSampled(flat.greedy),
    temperature: flat.temperature,
    topK: nullIfOff(flat.topK),
    topP: nullIfOff(flat.topP),
    minEosP: nullIfOff(flat.minEosP),
    minNewTokens: flat.minNewTokens,
    semanticMaxNewTokens: flat.maxNewTokens,
    semanticDoSample: isSampled(flat.semanticGreedy),
    semanticTemperature: flat.semanticTemperature,
    semanticTopK: nullIfOff(flat.semanticTopK),
    semanticTopP: nullIfOff(flat.semanticTopP),
    coarseDoSample: isSampled(flat.coarseGreedy),
    coarseTemperature: flat.coarseTemperature,
    coarseTopK: nullIfOff(flat.coarseTopK),
    coarseTopP: nullIfOff(flat.coarseTopP),
    // greedy all over means the likeliest codes too, which is what temperature 1 stands for there
    fineTemperature: flat.fineTemperature ?? (flat.greedy === true ? 1 : undefined),
  });
}

function isSampled(greedy: true | undefined): false | undefined {
  return greedy === true ? false : undefined;
}

/** What is undefined was not given, and is not told again. */
function given(options: GenerateOptions): GenerateOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
