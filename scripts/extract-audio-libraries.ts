/**
 * Most of the edge's audio libraries are published inside JavaScript, where workerd can not compile them; this writes
 * them as files: `node scripts/extract-audio-libraries.ts`, after their packages have changed.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** By package, the file that holds the library. */
const HOLDERS = { mp3: 'lame.js', aac: 'aac.js', flac: 'flac.js' } as const;

export type EmbeddedLibrary = keyof typeof HOLDERS;
export const EMBEDDED_LIBRARIES: readonly EmbeddedLibrary[] = ['mp3', 'aac', 'flac'];

/** Where a library lies once it is extracted. */
export function libraryFile(name: EmbeddedLibrary): string {
  return `${ROOT}functions/formats/wasm/${name}.wasm`;
}

/** The library as its package has it. */
export async function embeddedLibrary(name: EmbeddedLibrary): Promise<Uint8Array> {
  const path = `${ROOT}node_modules/@mediabunny/${name}-encoder/dist/modules/build/${HOLDERS[name]}`;
  const source = await readFile(path, 'utf8');
  const base64 = /['"](AGFzbQ[\w+/=]+)['"]/.exec(source)?.[1];
  if (base64 !== undefined) return Buffer.from(base64, 'base64');
  const literal = /binaryDecode\(('(?:[^'\\]|\\[^])*')\)/.exec(source)?.[1];
  if (literal !== undefined) return bytesOfCharacters(runInNewContext(literal));
  throw new Error(`${path} holds no library in a form that is known.`);
}

/** A character is a byte, and one beyond bytes is zero. */
function bytesOfCharacters(text: unknown): Uint8Array {
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
