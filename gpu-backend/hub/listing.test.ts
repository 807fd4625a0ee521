import { expect, test } from 'vitest';
import { HubError } from './hub-error.ts';
import { parseListing } from './listing.ts';

const LISTING = JSON.stringify({
  id: 'suno/bark-small',
  sha: '1dbd7a1200000000000000000000000000000bcd',
  gated: false,
  siblings: [
    { rfilename: 'config.json', size: 8_803, blobId: 'a'.repeat(40) },
    {
      rfilename: 'pytorch_model.bin',
      size: 1_676_663_913,
      blobId: 'b'.repeat(40),
      lfs: { sha256: 'c'.repeat(64), size: 1_676_663_913, pointerSize: 135 },
    },
    { rfilename: 'speaker_embeddings/v2/en_speaker_6_fine_prompt.npy', size: 46_848 },
  ],
});

test('a listing gives paths, sizes, and of every file the checksum that is its own', () => {
  expect(parseListing(LISTING, 'suno/bark-small')).toEqual({
    commit: '1dbd7a1200000000000000000000000000000bcd',
    files: [
      {
        path: 'config.json',
        sizeBytes: 8_803,
        digest: { kind: 'git-sha1', hex: 'a'.repeat(40) },
      },
      {
        path: 'pytorch_model.bin',
        sizeBytes: 1_676_663_913,
        digest: { kind: 'sha256', hex: 'c'.repeat(64) },
      },
      {
        path: 'speaker_embeddings/v2/en_speaker_6_fine_prompt.npy',
        sizeBytes: 46_848,
        digest: null,
      },
    ],
  });
});

test('of 3 000 corruptions each is refused by type, or gives paths that stay inside', () => {
  let state = 1;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const scraps = [
    '../',
    '/',
    '\\\\',
    '-',
    '9'.repeat(30),
    '1e999',
    'null',
    '[[[[',
    '{}',
    '"',
    '\\u0000',
    ':',
  ];
  let refused = 0;
  for (let round = 0; round < 3_000; round += 1) {
    const at = below(LISTING.length);
    const cut = below(3) === 0 ? below(40) : below(2);
    const corrupt = LISTING.slice(0, at) + scraps[below(scraps.length)] + LISTING.slice(at + cut);
    try {
      for (const { path, sizeBytes } of parseListing(corrupt, 'it').files) {
        expect(path).not.toMatch(/^\/|\\|:|(?:^|\/)\.\.?(?:\/|$)/);
        expect(Number.isSafeInteger(sizeBytes) && sizeBytes >= 0).toBe(true);
      }
    } catch (error) {
      expect(error).toBeInstanceOf(HubError);
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(1_000);
});
