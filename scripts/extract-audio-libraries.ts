/**
 * Two of the edge's audio libraries are published inside JavaScript, where workerd can not compile them; this writes
 * them as files: `node scripts/extract-audio-libraries.ts`, after their packages have changed.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

export const EMBEDDED_LIBRARIES = ['aac', 'flac'] as const;
export type EmbeddedLibrary = (typeof EMBEDDED_LIBRARIES)[number];

/** Where a library lies once it is extracted. */
export function libraryFile(name: EmbeddedLibrary): string {
  return `${ROOT}functions/formats/wasm/${name}.wasm`;
}

/** The library as its package has it: a string literal, a character a byte, of which null is one beyond bytes. */
export async function embeddedLibrary(name: EmbeddedLibrary): Promise<Uint8Array> {
  const path = `${ROOT}node_modules/@mediabunny/${name}-encoder/dist/modules/build/${name}.js`;
  const [, literal] =
    /binaryDecode\(('(?:[^'\\]|\\[^])*')\)/.exec(await readFile(path, 'utf8')) ?? [];
  if (literal === undefined) throw new Error(`${path} has no library that is known how to read.`);
  const text: unknown = runInNewContext(literal);
  return Uint8Array.from(String(text), (character) => {
    const code = character.charCodeAt(0);
    return code > 0xff ? 0 : code;
  });
}

if (import.meta.main) {
  for (const name of EMBEDDED_LIBRARIES) {
    await writeFile(libraryFile(name), await embeddedLibrary(name));
  }
}
