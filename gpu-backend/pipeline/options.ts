/** Merges a request's choices with the checkpoint's. */
import type { SamplingOptions } from '#shared/bark/options.ts';
import type { SamplingGeneration } from '../checkpoint/generation-config.ts';
import type { SamplingPlan } from './sampling.ts';

/** What the request says wins; null means "off". */
export function samplingPlan(options: SamplingOptions, config: SamplingGeneration): SamplingPlan {
  return {
    doSample: options.doSample ?? config.doSample,
    temperature:
      (options.temperature === undefined ? config.temperature : options.temperature) ?? 1,
    topK: options.topK === undefined ? config.topK : options.topK,
    topP: options.topP === undefined ? config.topP : options.topP,
  };
}
