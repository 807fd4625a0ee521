import { existsSync } from 'node:fs';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CheckpointError } from './checkpoint-error.ts';
import { openCheckpoint } from './checkpoint.ts';
import { openSafetensors } from './safetensors.ts';
import { inTemporaryFolder } from './test-support.ts';
import { openTorchZip } from './torch-zip.ts';
import { readCodecDecoder, readFine, readTransformer } from './weights.ts';

const TINY = join(import.meta.dirname, '../../models/bark-tiny');
const GOLDEN = join(import.meta.dirname, '../../../shared/reference/golden');

describe('openCheckpoint', () => {
  test('opens bark-tiny and reads all of its stages', async () => {
    const { model, config, generation, tensors, vocabularySha256 } = await openCheckpoint(TINY);
    expect(model).toBe('bark-tiny');
    expect(vocabularySha256).toBe(
      '00671ea6f4e681d3357cbb98dac3d6f90acb54bbe636b04b2cb2834b45a3bd5b',
    );
    expect(generation.semantic).toMatchObject({ semanticVocabularySize: 500, eosTokenId: 500 });
    const semantic = await readTransformer(tensors, 'semantic', config.semantic);
    expect(semantic.head).toHaveLength(512 * 32);
    expect(semantic.lnFinal.bias).toBeNull();
    const coarse = await readTransformer(tensors, 'coarse_acoustics', config.coarse);
    expect(coarse.lnFinal.bias).toHaveLength(16);
    const fine = await readFine(tensors, config.fine);
    expect(fine.heads[6]).toBe(fine.inputEmbeddings[7]);
    const codec = await readCodecDecoder(tensors, config.codec, generation.fine.fineCodebooks);
    expect(codec.stages.map(({ ratio }) => ratio)).toEqual([8, 5, 4, 2]);
    await tensors.close();
  });

  test('a folder without config says so', async () => {
    await inTemporaryFolder(async (folder) => {
      await expect(openCheckpoint(folder)).rejects.toThrow(/config\.json does not exist/);
      await writeFile(join(folder, 'config.json'), '{');
      await expect(openCheckpoint(folder)).rejects.toThrow(/config\.json is not valid JSON/);
    });
  });

  test('a folder without weights lists what was looked for', async () => {
    await inTemporaryFolder(async (folder) => {
      for (const file of ['config.json', 'generation_config.json']) {
        await copyFile(join(TINY, file), join(folder, file));
      }
      await expect(openCheckpoint(folder)).rejects.toThrow(
        /looked for model\.safetensors, model\.safetensors\.index\.json, pytorch_model\.bin/,
      );
    });
  });

  test('configs that do not belong together are refused', async () => {
    await inTemporaryFolder(async (folder) => {
      await copyFile(join(TINY, 'config.json'), join(folder, 'config.json'));
      await expect(openCheckpoint(folder)).rejects.toThrow('text_pad_token needs 129595');
    });
  });

  test.each([
    ['config.json', '[[]]', 'must be an object'],
    ['config.json', '{"model_type":"gpt2"}', 'another kind of model'],
    ['config.json', '{"semantic_config":{"num_heads":7}}', 'multiple of num_heads'],
    ['generation_config.json', '{"codebook_size":"1"}', 'must be an integer'],
    ['generation_config.json', '{"codebook_size":9000}', 'do not belong together'],
    ['model.safetensors', '', 'too few for safetensors'],
    ['model.safetensors', '\u0002\0\0\0\0\0\0\0[]', 'not a JSON object'],
    ['model.safetensors', '\xff\xff\xff\xff\xff\xff\xff\xff{}', 'claims a header of'],
    ['model.safetensors', null, 'no regular file'],
    ['vocab.txt', null, 'no regular file'],
    ['vocab.txt', '\n'.repeat(17 * 1024 * 1024), 'a vocabulary has at most'],
  ])('what is wrong with %s (%.40j) is told with its path', async (file, content, fault) => {
    await inTemporaryFolder(async (folder) => {
      for (const name of ['config.json', 'generation_config.json', 'model.safetensors']) {
        await copyFile(join(TINY, name), join(folder, name));
      }
      const path = join(folder, file);
      await rm(path, { force: true });
      // a folder stands for all that is no file
      if (content === null) await mkdir(path);
      else await writeFile(path, content, 'latin1');
      const opening = openCheckpoint(folder);
      await expect(opening).rejects.toThrow(CheckpointError);
      await expect(opening).rejects.toThrow(path);
      await expect(opening).rejects.toThrow(fault);
    });
  });

  test('a tensor of another shape is told with the file that holds it', async () => {
    const { tensors, config } = await openCheckpoint(TINY);
    const reading = readTransformer(tensors, 'semantic', { ...config.semantic, hiddenSize: 64 });
    await expect(reading).rejects.toThrow(
      `${join(TINY, 'model.safetensors')}: semantic.input_embeds_layer.weight has the shape`,
    );
    await tensors.close();
  });
});

describe.skipIf(!existsSync(GOLDEN))(
  'the reference checkpoint (needs ../shared/reference/golden)',
  () => {
    test('is the same from both of its files, to the bit', async () => {
      const pickled = await openTorchZip(join(GOLDEN, 'pytorch_model.bin'));
      const safe = await openSafetensors(join(GOLDEN, 'model.safetensors'));
      expect(Array.from(pickled.names()).toSorted()).toEqual(Array.from(safe.names()).toSorted());
      for (const name of safe.names()) {
        const expected = await safe.read(name);
        const read = await pickled.read(name);
        expect(read.shape, name).toEqual(expected.shape);
        expect(Buffer.from(read.data.buffer).equals(Buffer.from(expected.data.buffer)), name).toBe(
          true,
        );
      }
      await pickled.close();
      await safe.close();
    });

    test('opens from the pickle alone', async () => {
      await inTemporaryFolder(async (folder) => {
        for (const file of ['config.json', 'generation_config.json', 'pytorch_model.bin']) {
          await copyFile(join(GOLDEN, file), join(folder, file));
        }
        const { tensors, config, vocabularySha256 } = await openCheckpoint(folder);
        expect(vocabularySha256).toBeNull();
        const fine = await readFine(tensors, config.fine);
        expect(fine.heads).toHaveLength(7);
        const codec = await readCodecDecoder(tensors, config.codec, 8);
        expect(codec.stages[3]?.residual[0]?.shortcut).toMatchObject({ inputs: 4, outputs: 4 });
        await tensors.close();
      });
    });
  },
);
