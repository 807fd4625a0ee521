/**
 * A C library compiled by Emscripten, called by its functions' names. It gets no files, no clock and no environment:
 * it computes. One instance serves all requests of an isolate, since each instance has at least 16 MiB of memory.
 */

/** How a library names what it hands out and what it wants, which Emscripten shortens to letters. */
export interface LibraryShape<Name extends string> {
  /** Its exports: the memory, what starts it, and its functions by readable names. */
  readonly exports: Readonly<Record<Name | 'memory' | 'start', string>>;
  /** Its import that asks for more memory, where it does not grow by itself. */
  readonly growImport?: string;
  /** Its import that copies memory, where it has no instruction for that. */
  readonly copyImport?: string;
  /** Its imports that end a program. */
  readonly fatalImports: readonly string[];
}

/** Most memory of one library, in bytes: over 200 streams of the largest, and less than an isolate may have. */
const MAX_MEMORY_BYTES = 96 * 2 ** 20;
const PAGE_BYTES = 65_536;

/** WASI's word for a file that is not open, and our answer to all that a library wants beyond computing. */
const BAD_FILE = 8;

/** Hands out one instance, and a fresh one once a call has trapped: that leaves a memory in no known state. */
export function instances<Name extends string>(
  module: WebAssembly.Module,
  shape: LibraryShape<Name>,
): () => WasmLibrary<Name> {
  let current: WasmLibrary<Name> | undefined;
  return () => {
    if (current === undefined || current.isBroken) current = new WasmLibrary(module, shape);
    return current;
  };
}

export class WasmLibrary<Name extends string> {
  readonly #names: Readonly<Record<Name, string>>;
  readonly #exports: WebAssembly.Exports;
  readonly #memory: WebAssembly.Memory;
  #isBroken = false;

  /** Instantiates the module; its functions can be called at once. */
  constructor(module: WebAssembly.Module, shape: LibraryShape<Name>) {
    this.#names = shape.exports;
    const imports = importsOf(module, shape, () => this.#memory);
    this.#exports = new WebAssembly.Instance(module, imports).exports;
    const memory = this.#exports[shape.exports.memory];
    if (!(memory instanceof WebAssembly.Memory)) throw new TypeError('The library has no memory.');
    this.#memory = memory;
    this.#call(shape.exports.start, []);
  }

  /** Calls a function; what it returns is a number, or 0 when it returns nothing. */
  call(name: Name, ...values: readonly (number | bigint)[]): number {
    return this.#call(this.#names[name], values);
  }

  /** As `call`, for what returns an address or nothing: RangeError where the library found no memory. */
  allocate(name: Name, ...values: readonly (number | bigint)[]): number {
    const address = this.call(name, ...values);
    if (address === 0) throw new RangeError('An audio library found no memory.');
    return address;
  }

  /** Bytes at an address: a view, valid until the next call. */
  bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, at, length);
  }

  /** 16-bit integers at an even address: a view, valid until the next call. */
  int16(at: number, length: number): Int16Array {
    return new Int16Array(this.#memory.buffer, at, length);
  }

  /** 32-bit integers at an address divisible by four: a view, valid until the next call. */
  int32(at: number, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, at, length);
  }

  /** 32-bit floats at an address divisible by four: a view, valid until the next call. */
  float32(at: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, at, length);
  }

  /** Whether a call has trapped: no other should follow. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  #call(name: string, values: readonly (number | bigint)[]): number {
    const called = this.#exports[name];
    if (typeof called !== 'function') throw new TypeError(`The library has no function ${name}.`);
    try {
      return Number(Reflect.apply(called, undefined, values) ?? 0);
    } catch (error) {
      this.#isBroken = true;
      throw error;
    }
  }
}

function importsOf<Name extends string>(
  module: WebAssembly.Module,
  shape: LibraryShape<Name>,
  memory: () => WebAssembly.Memory,
): Record<string, Record<string, (...values: number[]) => number>> {
  const imports: Record<string, Record<string, (...values: number[]) => number>> = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    imports[from][name] = answerTo(name, shape, memory);
  }
  return imports;
}

function answerTo<Name extends string>(
  name: string,
  { growImport, copyImport, fatalImports }: LibraryShape<Name>,
  memory: () => WebAssembly.Memory,
): (...values: number[]) => number {
  if (fatalImports.includes(name)) {
    return () => {
      throw new Error('An audio library gave up.');
    };
  }
  if (name === growImport) return (bytes = 0) => grow(memory(), bytes >>> 0);
  if (name === copyImport) {
    return (to = 0, from = 0, length = 0) => {
      new Uint8Array(memory().buffer).copyWithin(to, from, from + length);
      return 0;
    };
  }
  return () => BAD_FILE;
}

/** 1 when the memory has this many bytes afterwards, else 0. */
function grow(memory: WebAssembly.Memory, bytes: number): number {
  if (bytes > MAX_MEMORY_BYTES) return 0;
  memory.grow(Math.ceil((bytes - memory.buffer.byteLength) / PAGE_BYTES));
  return 1;
}
