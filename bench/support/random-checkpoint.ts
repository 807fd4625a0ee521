/** A checkpoint folder of the small model's sizes with random half-precision weights, 0.8 GB, and a random voice. */
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { saveVoiceNpys } from '../../gpu-backend/voices/save-voice.ts';
import { RandomFloats } from './random-floats.ts';
import { COARSE, FINE, SEMANTIC } from './sizes.ts';
import type { TransformerConfig } from '../../gpu-backend/checkpoint/config.ts';

type Shapes = Map<string, readonly number[]>;

export async function writeRandomCheckpoint(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'generation_config.json'), JSON.stringify(GENERATION));
  await writeVoice(folder);
  const shapes: Shapes = new Map();
  addCausal(shapes, 'semantic', SEMANTIC);
  addCausal(shapes, 'coarse_acoustics', COARSE);
  addFine(shapes);
  addCodec(shapes);

  const header: Record<string, unknown> = {};
  let end = 0;
  for (const [name, shape] of shapes) {
    const bytes = shape.reduce((product, size) => product * size, 2);
    header[name] = { dtype: 'BF16', shape, data_offsets: [end, end + bytes] };
    end += bytes;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(json.length), true);
  const file = await open(join(folder, 'model.safetensors'), 'w');
  const random = new RandomFloats(1);
  await file.write(length);
  await file.write(json);
  for (const [name, shape] of shapes) {
    const count = shape.reduce((product, size) => product * size, 1);
    const inputs = shape.at(-1) ?? 1;
    const values = random.take(count, /norm|_g$/.test(name) ? 0.1 : Math.sqrt(3 / inputs));
    const halves = new Uint16Array(count);
    const bits = new Uint32Array(values.buffer);
    // a norm is around one, which 0x3f80 is
    for (let i = 0; i < count; i += 1) {
      halves[i] = name.includes('norm') || name.endsWith('_g') ? 0x3f80 : (bits[i] ?? 0) >>> 16;
    }
    await file.write(new Uint8Array(halves.buffer));
  }
  await file.close();
  // last: where it is, all is
  await writeFile(join(folder, 'config.json'), JSON.stringify(CONFIG));
}

/** Eight seconds long, as published voices are: every stage has all the history that it can use. */
async function writeVoice(folder: string): Promise<void> {
  const random = new RandomFloats(2);
  const ids = (length: number, limit: number): Uint16Array =>
    Uint16Array.from(random.take(length, limit), (value) => Math.floor(Math.abs(value)) % limit);
  const finePrompt = ids(8 * 600, 1_024);
  const files = saveVoiceNpys({
    semanticPrompt: ids(400, 10_000),
    coarsePrompt: finePrompt.slice(0, 2 * 600),
    finePrompt,
  });
  await mkdir(join(folder, 'speaker_embeddings'), { recursive: true });
  const paths: Record<string, string> = {};
  for (const [key, bytes] of Object.entries(files)) {
    paths[key] = `speaker_embeddings/random_${key}.npy`;
    await writeFile(join(folder, paths[key]), bytes);
  }
  await writeFile(join(folder, 'speaker_embeddings_path.json'), JSON.stringify({ random: paths }));
}

function addBlocks(
  shapes: Shapes,
  prefix: string,
  { layers, hiddenSize: h }: TransformerConfig,
): void {
  for (let i = 0; i < layers; i += 1) {
    const layer = `${prefix}.layers.${i}.`;
    shapes.set(`${layer}layernorm_1.weight`, [h]);
    shapes.set(`${layer}layernorm_2.weight`, [h]);
    shapes.set(`${layer}attn.att_proj.weight`, [3 * h, h]);
    shapes.set(`${layer}attn.out_proj.weight`, [h, h]);
    shapes.set(`${layer}mlp.in_proj.weight`, [4 * h, h]);
    shapes.set(`${layer}mlp.out_proj.weight`, [h, 4 * h]);
  }
  shapes.set(`${prefix}.layernorm_final.weight`, [h]);
}

function addCausal(shapes: Shapes, prefix: string, config: TransformerConfig): void {
  const { hiddenSize: h } = config;
  shapes.set(`${prefix}.input_embeds_layer.weight`, [config.inputVocabularySize, h]);
  shapes.set(`${prefix}.position_embeds_layer.weight`, [config.blockSize, h]);
  addBlocks(shapes, prefix, config);
  shapes.set(`${prefix}.lm_head.weight`, [config.outputVocabularySize, h]);
}

function addFine(shapes: Shapes): void {
  const prefix = 'fine_acoustics';
  const { hiddenSize: h, layers } = FINE;
  for (let book = 0; book < FINE.codesTotal; book += 1) {
    shapes.set(`${prefix}.input_embeds_layers.${book}.weight`, [FINE.inputVocabularySize, h]);
  }
  shapes.set(`${prefix}.position_embeds_layer.weight`, [FINE.blockSize, h]);
  addBlocks(shapes, prefix, FINE);
  for (let i = 0; i < layers; i += 1) {
    shapes.set(`${prefix}.layers.${i}.layernorm_1.bias`, [h]);
    shapes.set(`${prefix}.layers.${i}.layernorm_2.bias`, [h]);
  }
  shapes.set(`${prefix}.layernorm_final.bias`, [h]);
}

function addCodec(shapes: Shapes): void {
  const prefix = 'codec_model.decoder.layers.';
  const conv = (at: string, shape: readonly [number, number, number], outputs: number): void => {
    shapes.set(`${prefix}${at}.conv.weight_g`, [shape[0], 1, 1]);
    shapes.set(`${prefix}${at}.conv.weight_v`, shape);
    shapes.set(`${prefix}${at}.conv.bias`, [outputs]);
  };
  for (let book = 0; book < 8; book += 1) {
    shapes.set(`codec_model.quantizer.layers.${book}.codebook.embed`, [1_024, 128]);
  }
  conv('0', [512, 128, 7], 512);
  for (const layer of [0, 1]) {
    shapes.set(`${prefix}1.lstm.weight_ih_l${layer}`, [2_048, 512]);
    shapes.set(`${prefix}1.lstm.weight_hh_l${layer}`, [2_048, 512]);
    shapes.set(`${prefix}1.lstm.bias_ih_l${layer}`, [2_048]);
    shapes.set(`${prefix}1.lstm.bias_hh_l${layer}`, [2_048]);
  }
  let channels = 512;
  for (const [stage, ratio] of [8, 5, 4, 2].entries()) {
    const narrow = channels / 2;
    conv(`${3 * stage + 3}`, [channels, narrow, 2 * ratio], narrow);
    conv(`${3 * stage + 4}.block.1`, [narrow / 2, narrow, 3], narrow / 2);
    conv(`${3 * stage + 4}.block.3`, [narrow, narrow / 2, 1], narrow);
    conv(`${3 * stage + 4}.shortcut`, [narrow, narrow, 1], narrow);
    channels = narrow;
  }
  conv('15', [1, 32, 7], 1);
}

const sizes = ({ inputVocabularySize, outputVocabularySize, ...rest }: TransformerConfig) => ({
  input_vocab_size: inputVocabularySize,
  output_vocab_size: outputVocabularySize,
  block_size: rest.blockSize,
  num_layers: rest.layers,
  num_heads: rest.heads,
  hidden_size: rest.hiddenSize,
  bias: rest.bias,
});
const CONFIG = {
  model_type: 'bark',
  semantic_config: { model_type: 'semantic', ...sizes(SEMANTIC) },
  coarse_acoustics_config: { model_type: 'coarse_acoustics', ...sizes(COARSE) },
  fine_acoustics_config: {
    model_type: 'fine_acoustics',
    ...sizes(FINE),
    n_codes_total: 8,
    n_codes_given: 1,
    tie_word_embeddings: true,
  },
  codec_config: { model_type: 'encodec' },
};
const GENERATION = {
  codebook_size: 1_024,
  sample_rate: 24_000,
  semantic_config: {
    do_sample: true,
    temperature: 0.7,
    top_k: 50,
    max_new_tokens: 768,
    eos_token_id: 10_000,
    text_encoding_offset: 10_048,
    text_pad_token: 129_595,
    semantic_infer_token: 129_599,
    semantic_pad_token: 10_000,
    semantic_vocab_size: 10_000,
    max_input_semantic_length: 256,
    semantic_rate_hz: 49.9,
  },
  coarse_acoustics_config: {
    do_sample: true,
    temperature: 0.7,
    top_k: 50,
    coarse_semantic_pad_token: 12_048,
    coarse_infer_token: 12_050,
    coarse_rate_hz: 75,
    n_coarse_codebooks: 2,
    max_coarse_input_length: 256,
    max_coarse_history: 630,
    sliding_window_len: 60,
  },
  fine_acoustics_config: {
    temperature: 0.5,
    max_fine_history_length: 512,
    max_fine_input_length: 1_024,
    n_fine_codebooks: 8,
  },
};
