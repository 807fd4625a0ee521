/**
 * Writes `models/bark-tiny`: a complete checkpoint in the hub's layout that holds noise instead of a voice,
 * small enough for the repository. Always the same bytes.
 *
 *   node scripts/make-bark-tiny.ts [folder]
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { encodeSafetensors } from '../gpu-backend/checkpoint/write-safetensors.ts';
import {
  generationConfig,
  modelConfig,
  SPECIAL_TOKENS,
  TOKENIZER_CONFIG,
} from './bark-tiny/configs.ts';
import { vocabularies } from './bark-tiny/sizes.ts';
import { vocabulary } from './bark-tiny/vocabulary.ts';
import { voiceFiles, VOICES } from './bark-tiny/voices.ts';
import { makeTensors } from './bark-tiny/weights.ts';

const README = `# bark-tiny

Not a voice: noise in the shape of Bark. Everything is there that a checkpoint of the hub has (configs, weights,
vocabulary, two voices), small enough to live in the repository, so that tests and a first start need no download.
What it says sounds like nothing; that it says the same as the reference, token by token, is what it is for.

Made by \`node scripts/make-bark-tiny.ts\`, always the same bytes. Weights are small integers times powers of two, so
float16, as which they are stored, holds them exactly.

| stage | layers, heads, width | ids in / out | bias |
|---|---|---|---|
SIZES
| codec | 4 filters, 16 dimensions, ratios 8 5 4 2 | 8 codebooks of 1024 | yes |

The end token grows likelier with every step, so that sentences last one to three seconds. The codec's encoder is left
out: transformers says so when it loads the folder and makes one up, which nothing uses.
`;

const folder = process.argv[2] ?? join(import.meta.dirname, '../models/bark-tiny');
const words = vocabulary();
const ids = vocabularies(words.length);
const config = modelConfig(ids);

const presets: Record<string, unknown> = { repo_or_path: 'bark-tiny' };
const files = new Map<string, string | Uint8Array>();
for (const voice of VOICES) {
  const paths: Record<string, string> = {};
  for (const [key, bytes] of Object.entries(voiceFiles(voice))) {
    paths[key] = `speaker_embeddings/${voice}_${key}.npy`;
    files.set(paths[key], bytes);
  }
  presets[voice] = paths;
}
const stages = [
  config.semantic_config,
  config.coarse_acoustics_config,
  config.fine_acoustics_config,
];
const sizes = stages.map(
  (stage) =>
    `| ${stage.model_type} | ${stage.num_layers}, ${stage.num_heads}, ${stage.hidden_size} | ${stage.input_vocab_size} / ${stage.output_vocab_size} | ${stage.bias ? 'yes' : 'no'} |`,
);
files.set('config.json', json(config));
files.set('generation_config.json', json(generationConfig(ids)));
files.set('tokenizer_config.json', json(TOKENIZER_CONFIG));
files.set('special_tokens_map.json', json(SPECIAL_TOKENS));
files.set('speaker_embeddings_path.json', json(presets));
files.set('vocab.txt', `${words.join('\n')}\n`);
files.set('README.md', README.replace('SIZES', sizes.join('\n')));
files.set('model.safetensors', encodeSafetensors(makeTensors(ids)));

let total = 0;
for (const [name, content] of files) {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), content);
  total += Buffer.byteLength(content);
}
console.log(`${folder}: ${files.size} files, ${total} bytes, ${words.length} words`);

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
