import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encodeSafetensors } from '../../gpu-backend/checkpoint/write-safetensors.ts';
import { generationConfig, modelConfig } from './configs.ts';
import { vocabularies } from './sizes.ts';
import { vocabulary } from './vocabulary.ts';
import { voiceFiles, VOICES } from './voices.ts';
import { makeTensors } from './weights.ts';

const stored = (file: string): Buffer =>
  readFileSync(join(import.meta.dirname, '../../models/bark-tiny', file));
const ids = vocabularies(vocabulary().length);

test('the stored weights are what the seed makes, byte for byte', () => {
  expect(Buffer.from(encodeSafetensors(makeTensors(ids))).equals(stored('model.safetensors'))).toBe(
    true,
  );
});

test('the stored vocabulary, configs and voices are what the script makes', () => {
  expect(stored('vocab.txt').toString()).toBe(`${vocabulary().join('\n')}\n`);
  expect(JSON.parse(stored('config.json').toString())).toEqual(modelConfig(ids));
  expect(JSON.parse(stored('generation_config.json').toString())).toEqual(generationConfig(ids));
  for (const voice of VOICES) {
    for (const [key, bytes] of Object.entries(voiceFiles(voice))) {
      expect(stored(`speaker_embeddings/${voice}_${key}.npy`).equals(bytes), key).toBe(true);
    }
  }
});
