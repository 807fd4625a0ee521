import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { EMBEDDED_LIBRARIES, embeddedLibrary, libraryFile } from './extract-audio-libraries.ts';

test.each(EMBEDDED_LIBRARIES)('%s is the library of the pinned package', async (name) => {
  const [published, ours] = await Promise.all([embeddedLibrary(name), readFile(libraryFile(name))]);
  expect(Buffer.compare(published, ours)).toBe(0);
});
