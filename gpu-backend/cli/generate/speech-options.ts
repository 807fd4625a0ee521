/** From the flat options of a command line to those of the stages: what names a stage wins over what names none. */
import type { SamplingOptions, SpeechOptions } from '#shared/bark/options.ts';

/** Undefined was not given; null switches off. */
export interface FlatOptions {
  readonly temperature?: number | undefined;
  readonly topK?: number | null | undefined;
  readonly topP?: number | null | undefined;
  readonly greedy?: true | undefined;
  readonly minEosP?: number | null | undefined;
  readonly maxNewTokens?: number | undefined;
  readonly minNewTokens?: number | undefined;
  readonly semanticTemperature?: number | undefined;
  readonly semanticTopK?: number | null | undefined;
  readonly semanticTopP?: number | null | undefined;
  readonly semanticGreedy?: true | undefined;
  readonly coarseTemperature?: number | undefined;
  readonly coarseTopK?: number | null | undefined;
  readonly coarseTopP?: number | null | undefined;
  readonly coarseGreedy?: true | undefined;
  readonly fineTemperature?: number | undefined;
}

export function speechOptionsOf(flat: FlatOptions): SpeechOptions {
  return {
    semantic: {
      ...sampling(flat, {
        temperature: flat.semanticTemperature,
        topK: flat.semanticTopK,
        topP: flat.semanticTopP,
        greedy: flat.semanticGreedy,
      }),
      ...given('minEosP', flat.minEosP),
      ...given('maxNewTokens', flat.maxNewTokens),
      ...given('minNewTokens', flat.minNewTokens),
    },
    coarse: sampling(flat, {
      temperature: flat.coarseTemperature,
      topK: flat.coarseTopK,
      topP: flat.coarseTopP,
      greedy: flat.coarseGreedy,
    }),
    // greedy all over means the likeliest codes too, which is what temperature 1 stands for there
    fine: given(
      'temperature',
      flat.fineTemperature ?? (flat.greedy === true ? 1 : flat.temperature),
    ),
  };
}

type Sampling = Pick<FlatOptions, 'temperature' | 'topK' | 'topP' | 'greedy'>;

function sampling(all: Sampling, stage: Sampling): SamplingOptions {
  return {
    ...given('temperature', stage.temperature ?? all.temperature),
    ...given('topK', stage.topK === undefined ? all.topK : stage.topK),
    ...given('topP', stage.topP === undefined ? all.topP : stage.topP),
    ...((stage.greedy ?? all.greedy) === true && { doSample: false }),
  };
}

function given<const Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [Key in Name]?: Value } {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the one key of the type
  return (value === undefined ? {} : { [name]: value }) as { readonly [Key in Name]?: Value };
}
