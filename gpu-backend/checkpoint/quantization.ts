/**
 * `quantization_config` of `config.json`: the one way of rounding that is read and written, in the words of
 * https://github.com/vllm-project/compressed-tensors. Weights have 8 bits and one scale a row.
 */
import { z } from 'zod/mini';
import { fields, only } from './fields.ts';

const REMEDY = 'take the checkpoint that is not quantised, and `bark convert` it';
const BITS = { num_bits: 8, type: 'int', symmetric: true } as const;
const METHOD = 'compressed-tensors';
const FORMAT = 'int-quantized';

/** What is said of a checkpoint of which only the `Linear` modules outside of `ignored` are rounded. */
export function int8Quantization(ignored: readonly string[]) {
  return {
    quant_method: METHOD,
    format: FORMAT,
    quantization_status: 'compressed',
    config_groups: {
      group_0: {
        targets: ['Linear'],
        weights: { ...BITS, strategy: 'channel', dynamic: false },
        input_activations: { ...BITS, strategy: 'token', dynamic: true },
        output_activations: null,
      },
    },
    ignore: ignored,
    kv_cache_scheme: null,
  };
}

/** Refuses every other way by name. */
export const quantizationSchema = fields({
  quant_method: z.literal(METHOD, `is supported only as "${METHOD}"; ${REMEDY}`),
  format: only(FORMAT, REMEDY),
  config_groups: z.record(
    z.string(),
    fields({
      weights: fields({
        num_bits: only(BITS.num_bits, REMEDY),
        type: only(BITS.type, REMEDY),
        symmetric: only(BITS.symmetric, REMEDY),
        strategy: z.literal('channel', `is supported only as "channel"; ${REMEDY}`),
      }),
    }),
    'must be an object',
  ),
});
