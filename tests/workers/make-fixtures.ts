/** Writes fixtures/staged: `node tests/workers/make-fixtures.ts`. Says the same each time. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createHash } from 'node:crypto';
import { zipSync } from 'fflate';
import { FIXTURE_FOLDER, FIXTURE_MODEL, FIXTURE_VOICE } from './fixture-checkpoint.ts';

const letters = Array.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,!?');
const vocabulary = [
  '[PAD]',
  '[UNK]',
  '[CLS]',
  '[SEP]',
  '[MASK]',
  ...letters,
  ...letters.map((letter) => `##${letter}`),
  'hello',
  'world',
  'Hello',
  'The',
  'voice',
]
  .map((piece) => `${piece}\n`)
  .join('');

const prompts = {
  semantic_prompt: npy([4], [11, 22, 33, 44]),
  coarse_prompt: npy([2, 6], range(12)),
  fine_prompt: npy([8, 6], range(48)),
};

const manifest = {
  model: FIXTURE_MODEL,
  vocabulary: {
    file: 'bark/vocab.txt',
    sha256: createHash('sha256').update(vocabulary).digest('hex'),
  },
  defaultVoice: FIXTURE_VOICE,
  voices: [
    {
      id: FIXTURE_VOICE,
      name: 'English 6',
      language: 'en',
      files: { npz: 'bark/voices/en_speaker_6.npz' },
    },
    {
      id: 'announcer',
      name: 'Announcer',
      language: null,
      files: Object.fromEntries(
        Object.keys(prompts).map((key) => [key, `bark/voices/announcer_${key}.npy`]),
      ),
    },
  ],
};

await write('bark/manifest.json', `${JSON.stringify(manifest, null, 2)}\n`);
await write('bark/vocab.txt', vocabulary);
await write(
  'bark/voices/en_speaker_6.npz',
  zipSync(
    Object.fromEntries(Object.entries(prompts).map(([key, bytes]) => [`${key}.npy`, bytes])),
    { mtime: new Date('2020-01-01T00:00:00Z') },
  ),
);
for (const [key, bytes] of Object.entries(prompts)) {
  await write(`bark/voices/announcer_${key}.npy`, bytes);
}

async function write(path: string, data: string | Uint8Array): Promise<void> {
  const file = join(FIXTURE_FOLDER, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, data);
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

/** NumPy's format 1.0, int64. */
function npy(shape: readonly number[], data: readonly number[]): Uint8Array {
  const dimensions = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dictionary = `{'descr': '<i8', 'fortran_order': False, 'shape': (${dimensions}), }`;
  const header = dictionary.padEnd(117, ' ') + '\n';
  const bytes = new Uint8Array(10 + header.length + 8 * data.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x93, ...new TextEncoder().encode('NUMPY')]);
  view.setUint8(6, 1);
  view.setUint16(8, header.length, true);
  bytes.set(new TextEncoder().encode(header), 10);
  for (const [i, value] of data.entries()) {
    view.setBigInt64(10 + header.length + 8 * i, BigInt(value), true);
  }
  return bytes;
}
