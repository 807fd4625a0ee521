/** From what a caller asks for to what the device can do; what does not go together is refused by name. */
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { isRounded } from '../checkpoint/tensors.ts';
import type { AttentionKind, ModelOptions, Precision } from './options.ts';
import { openProvider } from './providers/open-provider.ts';
import type { Provider } from './providers/provider.ts';

/** Options with every choice made. */
export interface Settings extends ModelOptions {
  readonly precision: Precision;
  readonly attention: AttentionKind;
  readonly provider: Provider;
}

/** Models whose widest stage has fewer channels are as fast in fp32. */
const WORTH_ROUNDING_CHANNELS = 256;

/** Opens the device; throws DeviceUnavailable, and RangeError for what it does not compute. */
export async function settingsOf(
  options: ModelOptions,
  checkpoint: Pick<Checkpoint, 'config' | 'tensors'>,
): Promise<Settings> {
  const { device = 'cpu' } = options;
  const precision = precisionOf(options, checkpoint);
  const provider = await openProvider(device, options.threads);
  const { precisions, attentions } = provider.abilities;
  if (!precisions.includes(precision)) {
    throw new RangeError(
      `The device ${device} computes in ${precisions.join(' or ')}, not in ${precision}; choose such a precision, or the device cpu.`,
    );
  }
  const possible = attentions.filter((kind) => kind === 'fused' || precision === 'fp32');
  const wanted = options.attention ?? (precision === 'fp32' ? 'plain' : 'fused');
  const attention = wanted === 'fastest' ? possible[0] : wanted;
  if (attention === undefined || !possible.includes(attention)) {
    throw new RangeError(
      wanted === 'plain'
        ? `Plain attention exists in fp32 alone, not in ${precision}; use fused.`
        : `The device ${device} has no fused attention; use plain, or the device cpu.`,
    );
  }
  return { ...options, precision, attention, provider };
}

/** What is asked for; else what is stored in eight bits stays so where the device computes with them. */
function precisionOf(
  { precision, attention, device = 'cpu' }: ModelOptions,
  { config: { semantic, coarse, fine }, tensors }: Pick<Checkpoint, 'config' | 'tensors'>,
): Precision {
  if (precision !== undefined && precision !== 'auto') return precision;
  if (device !== 'cpu' || attention === 'plain') return 'fp32';
  if (isRounded(tensors)) return 'int8';
  const widest = Math.max(semantic.hiddenSize, coarse.hiddenSize, fine.hiddenSize);
  return precision === 'auto' && widest >= WORTH_ROUNDING_CHANNELS ? 'int8' : 'fp32';
}
