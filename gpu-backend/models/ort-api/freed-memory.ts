/**
 * Loading a model frees as much as it keeps, and glibc's malloc holds the freed part back: hundreds of
 * megabytes for a small model. Asked, it returns them.
 */
import { foreignFunctions } from './library.ts';

type Trim = (keepBytes: number) => unknown;

/** Undefined before the first call, null where it can't be had. */
let trim: Trim | null | undefined;

/** Gives what malloc holds back to the system; nothing happens where that can't be asked for. */
export function giveBackFreedMemory(): void {
  trim ??= mallocTrim();
  trim?.(0);
}

const collected = new FinalizationRegistry<null>(() => giveBackFreedMemory());

/** Does so again once `garbage` has been collected: weights outlive their loading until then. */
export function giveBackWhenCollected(garbage: object): void {
  collected.register(garbage, null);
}

function mallocTrim(): Trim | null {
  if (process.platform !== 'linux') return null;
  try {
    return foreignFunctions().load('libc.so.6').func('malloc_trim', 'int', ['size_t']);
  } catch {
    // no koffi, or another C library: memory is returned when malloc sees fit
    return null;
  }
}
