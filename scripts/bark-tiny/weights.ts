/** The weights of the tiny model, stage by stage. */
import { NoiseTensors, randomIntegers } from './noise.ts';
import {
  CODEBOOKS,
  CODEBOOK_SIZE,
  POSITIONS,
  RATIOS,
  SEMANTIC_TOKENS,
  TEXT_OFFSET,
  type Vocabularies,
} from './sizes.ts';

/** Where the clock starts, what it gains a semantic token and where it stops. */
const CLOCK_START = -150;
const CLOCK_STEP = 5;
const CLOCK_END = 1_600;
/** How much text holds the clock back, and how much the end token heeds it. */
const TEXT_GAIN = 2_000;
const END_GAIN = 900;
/** Length of the last convolution's kernel in 64ths: makes the loudest sample about 0.7. */
const LOUDNESS = 8;

/** All tensors; of tied heads and embeddings the embeddings. */
export function makeTensors({
  semanticIds,
  textPad,
  coarseIds,
  fineIds,
}: Vocabularies): NoiseTensors['tensors'] {
  const out = new NoiseTensors();
  semanticStage(out, semanticIds, textPad);
  coarseStage(out, coarseIds);
  fineStage(out, fineIds);
  codec(out);
  return out.tensors;
}

/**
 * Semantic, with a plan in the noise, so that sentences end, and long ones later. Channel 0 is a clock: no layer
 * but the first writes there, positions let it rise, and only the end token looks at it. Channel 1 marks text:
 * the first layer's attention averages it over the prompt and holds the clock back by that much.
 */
function semanticStage(out: NoiseTensors, ids: number, textPad: number): void {
  const hidden = 32;
  const value = 2 * hidden + 1; // the row of channel 1 among queries, keys and values
  blocks(out, 'semantic', { hidden, bias: false, normBias: false });
  out.noise('semantic.input_embeds_layer.weight', [ids, hidden], -8, (id, channel) => {
    if (channel !== 1) return undefined;
    return id >= TEXT_OFFSET && id < textPad ? 127 : 0;
  });
  out.noise(
    'semantic.position_embeds_layer.weight',
    [POSITIONS, hidden],
    -8,
    (position, channel) => {
      if (channel === 1) return 0;
      if (channel === 0) return clock(position);
      return undefined;
    },
  );
  out.noise('semantic.layers.0.attn.att_proj.weight', [3 * hidden, hidden], -9, (row, channel) => {
    if (row !== value) return undefined;
    return channel === 1 ? TEXT_GAIN : 0;
  });
  for (const layer of [0, 1]) {
    out.noise(
      `semantic.layers.${layer}.attn.out_proj.weight`,
      [hidden, hidden],
      -9,
      (row, column) => {
        if (row > 0) return undefined;
        return layer === 0 && column === 1 ? -TEXT_GAIN : 0;
      },
    );
    out.noise(`semantic.layers.${layer}.mlp.out_proj.weight`, [hidden, 4 * hidden], -9, (row) =>
      row > 0 ? undefined : 0,
    );
  }
  out.noise('semantic.lm_head.weight', [TEXT_OFFSET, hidden], -8, (id, channel) => {
    if (id === SEMANTIC_TOKENS) return channel === 0 ? END_GAIN : 0;
    return channel === 0 ? 0 : undefined;
  });
}

/** Channel 0 of a position: constant over the 257 of the prompt, then rising to the longest sentence. */
function clock(position: number): number {
  const spoken = Math.max(0, position - 257);
  return Math.min(CLOCK_END, CLOCK_START + CLOCK_STEP * spoken);
}

function coarseStage(out: NoiseTensors, ids: number): void {
  const hidden = 16;
  out.noise('coarse_acoustics.input_embeds_layer.weight', [ids, hidden], -8);
  blocks(out, 'coarse_acoustics', { hidden, bias: true, normBias: true });
  out.noise('coarse_acoustics.lm_head.weight', [ids, hidden], -8);
}

/** Embeddings 1..7 are also the heads, under one name only. */
function fineStage(out: NoiseTensors, ids: number): void {
  const hidden = 16;
  for (let book = 0; book < CODEBOOKS; book += 1) {
    out.noise(`fine_acoustics.input_embeds_layers.${book}.weight`, [ids, hidden], -7);
  }
  blocks(out, 'fine_acoustics', { hidden, bias: true, normBias: true });
}

/** EnCodec's decoder with 4 filters, in the published spelling of weight norm; the encoder is left out. */
function codec(out: NoiseTensors): void {
  const dimension = 16;
  const decoder = 'codec_model.decoder.layers';
  for (let book = 0; book < CODEBOOKS; book += 1) {
    const embedding = `codec_model.quantizer.layers.${book}.codebook.embed`;
    out.noise(embedding, [CODEBOOK_SIZE, dimension], -7);
  }
  const conv = (
    layer: string,
    shape: [number, number, number],
    length: number,
    outputs = shape[0],
  ): void => {
    out.scales(`${decoder}.${layer}.conv.weight_g`, [shape[0], 1, 1], length);
    out.noise(`${decoder}.${layer}.conv.weight_v`, shape, -7);
    out.noise(`${decoder}.${layer}.conv.bias`, [outputs], -10);
  };
  let channels = 64;
  conv('0', [channels, dimension, 7], 64);
  for (let layer = 0; layer < 2; layer += 1) {
    for (const part of ['weight_ih', 'weight_hh']) {
      out.noise(`${decoder}.1.lstm.${part}_l${layer}`, [4 * channels, channels], -9);
    }
    for (const part of ['bias_ih', 'bias_hh']) {
      out.noise(`${decoder}.1.lstm.${part}_l${layer}`, [4 * channels], -10);
    }
  }
  let index = 3;
  for (const ratio of RATIOS) {
    const narrower = channels / 2;
    conv(`${index}`, [channels, narrower, 2 * ratio], 96, narrower);
    conv(`${index + 1}.block.1`, [narrower / 2, narrower, 3], 64);
    conv(`${index + 1}.block.3`, [narrower, narrower / 2, 1], 64);
    conv(`${index + 1}.shortcut`, [narrower, narrower, 1], 64);
    channels = narrower;
    index += 3;
  }
  conv(`${index}`, [1, channels, 7], LOUDNESS);
  // each channel's kernel is antisymmetric and the bias 0: a constant input makes silence, not an offset
  const taps = randomIntegers('last taps');
  const half = Array.from({ length: 3 * channels }, () => taps(255) - 127);
  out.noise(`${decoder}.${index}.conv.weight_v`, [1, channels, 7], -7, (channel, tap) =>
    tap < 4 ? (tap < 3 ? half[3 * channel + tap] : 0) : -(half[3 * channel + 6 - tap] ?? 0),
  );
  out.noise(`${decoder}.${index}.conv.bias`, [1], -10, () => 0);
}

interface Sizes {
  readonly hidden: number;
  readonly bias: boolean;
  /** Whether layer norms have a bias. */
  readonly normBias: boolean;
}

function norm(out: NoiseTensors, name: string, { hidden, normBias }: Sizes): void {
  out.scales(`${name}.weight`, [hidden], 64);
  if (normBias) out.noise(`${name}.bias`, [hidden], -10);
}

function linear(
  out: NoiseTensors,
  name: string,
  outputs: number,
  inputs: number,
  bias: boolean,
): void {
  out.noise(`${name}.weight`, [outputs, inputs], -9);
  if (bias) out.noise(`${name}.bias`, [outputs], -10);
}

function blocks(out: NoiseTensors, stage: string, sizes: Sizes): void {
  const { hidden, bias } = sizes;
  out.noise(`${stage}.position_embeds_layer.weight`, [POSITIONS, hidden], -8);
  for (let i = 0; i < 2; i += 1) {
    const layer = `${stage}.layers.${i}`;
    norm(out, `${layer}.layernorm_1`, sizes);
    linear(out, `${layer}.attn.att_proj`, 3 * hidden, hidden, bias);
    linear(out, `${layer}.attn.out_proj`, hidden, hidden, bias);
    norm(out, `${layer}.layernorm_2`, sizes);
    linear(out, `${layer}.mlp.in_proj`, 4 * hidden, hidden, bias);
    linear(out, `${layer}.mlp.out_proj`, hidden, 4 * hidden, bias);
  }
  norm(out, `${stage}.layernorm_final`, sizes);
}
