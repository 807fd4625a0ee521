import { env } from 'cloudflare:workers';
import { describe, expect, test } from 'vitest';
import { MANIFEST_FILE } from '#shared/bark/manifest.ts';
import type { Env } from '../env.ts';
import { assetFiles } from '../staged/asset-files.ts';
import { bucketFiles } from '../staged/bucket-files.ts';
import { StagedCheckpoint } from './staged-checkpoint.ts';
import type { StagedFiles } from '../staged/staged-files.ts';

const { ASSETS, BARK_FILES } = env as Required<Env>;
const assets = assetFiles(ASSETS);

/** The same files, put into the bucket first. */
async function filledBucket(): Promise<StagedFiles> {
  const { manifest } = await new StagedCheckpoint(assets, () => undefined).get();
  const paths = manifest.voices.flatMap(({ files }) => Object.values(files));
  for (const path of [MANIFEST_FILE, manifest.vocabulary.file, ...paths]) {
    await BARK_FILES.put(path, (await assets.read(path)) ?? '');
  }
  return bucketFiles(BARK_FILES);
}

describe.each([
  ['static assets', async () => assets],
  ['a bucket', filledBucket],
])('%s', (_, open) => {
  test('hold a checkpoint with its voices', async () => {
    const checkpoint = await new StagedCheckpoint(await open(), () => undefined).get();
    expect(checkpoint.manifest.model).toBe('bark-toy');
    expect((await checkpoint.wordPiece()).encode('hello').length).toBe(1);
    const [npz, npys] = [
      await checkpoint.voices.get('v2/en_speaker_6'),
      await checkpoint.voices.get('announcer'),
    ];
    // made of the same arrays, so what they are stored in must not matter
    expect(npz.hash).toBe(npys.hash);
  });

  test('have nothing where nothing is', async () => {
    const files = await open();
    expect(await files.read('bark/none.txt')).toBeNull();
  });
});
