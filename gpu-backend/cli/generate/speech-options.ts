/** From the options of a command line to those of the library: what is greedy and what is called otherwise there. */
import type { GenerateOptions } from '../../library/generate-options.ts';

/** Undefined was not given; null switches off. */
export interface FlatOptions extends Pick<
  GenerateOptions,
  | 'temperature'
  | 'topK'
  | 'topP'
  | 'minEosP'
  | 'minNewTokens'
  | 'semanticTemperature'
  | 'semanticTopK'
  | 'semanticTopP'
  | 'coarseTemperature'
  | 'coarseTopK'
  | 'coarseTopP'
  | 'fineTemperature'
> {
  readonly maxNewTokens?: number | undefined;
  readonly greedy?: true | undefined;
  readonly semanticGreedy?: true | undefined;
  readonly coarseGreedy?: true | undefined;
}

export function generateOptionsOf(flat: FlatOptions): GenerateOptions {
  return given({
    doSample: isSampled(flat.greedy),
    temperature: flat.temperature,
    topK: flat.topK,
    topP: flat.topP,
    minEosP: flat.minEosP,
    minNewTokens: flat.minNewTokens,
    semanticMaxNewTokens: flat.maxNewTokens,
    semanticDoSample: isSampled(flat.semanticGreedy),
    semanticTemperature: flat.semanticTemperature,
    semanticTopK: flat.semanticTopK,
    semanticTopP: flat.semanticTopP,
    coarseDoSample: isSampled(flat.coarseGreedy),
    coarseTemperature: flat.coarseTemperature,
    coarseTopK: flat.coarseTopK,
    coarseTopP: flat.coarseTopP,
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
