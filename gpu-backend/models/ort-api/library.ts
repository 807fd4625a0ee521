/**
 * Binds the C API of the ONNX Runtime library that onnxruntime-node ships, through koffi. The binding
 * exists for one thing that the JavaScript binding lacks: outputs written into memory of ours, so that
 * a key-value cache is never copied.
 */
import '../no-telemetry.ts';
import { createRequire } from 'node:module';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { API_VERSION, FUNCTIONS, type FunctionName } from './functions.ts';

/** A pointer of the library's. */
export type Handle = bigint;
/** What a C function takes from us. */
export type Argument = Handle | number | string | null | ArrayBufferView | readonly string[];

/** The part of koffi that is used. */
export interface ForeignFunctions {
  config(): { readonly sync_stack_size: number };
  config(options: { sync_stack_size: number }): unknown;
  load(path: string): {
    func(name: string, result: string, parameters: readonly string[]): Foreign;
  };
  proto(result: string, parameters: readonly string[]): object;
  decode(pointer: Handle, offset: number, type: 'void *'): unknown;
  decode(pointer: Handle, prototype: object): Foreign;
  call(pointer: Handle, prototype: object, ...values: readonly Argument[]): unknown;
  address(value: ArrayBufferView): Handle;
}
type Foreign = (...values: readonly Argument[]) => unknown;

/** Opening a session recurses deeply; koffi gives calls a stack of their own. */
const STACK_BYTES = 8 * 1024 * 1024;
/** `ORT_LOGGING_LEVEL_ERROR`. */
export const LOG_ERRORS = 3;

/** Why the C API can't be used on this machine; the message says what to do about it. */
export class OrtApiUnavailable extends Error {
  override readonly name = 'OrtApiUnavailable';
}

/** ONNX Runtime said no. */
export class OrtError extends Error {
  override readonly name = 'OrtError';
}

/** The bound function table. One a thread; it stays for as long as the thread does. */
export class OrtLibrary {
  readonly version: string;
  readonly #functions: ReadonlyMap<string, Foreign>;
  readonly #address: (memory: ArrayBufferView) => Handle;
  /** koffi closes a library that nobody refers to, and the next call would crash. */
  readonly #library: unknown;
  readonly #environment: Handle;
  readonly #memory: Handle;

  constructor(
    library: unknown,
    functions: ReadonlyMap<string, Foreign>,
    address: (memory: ArrayBufferView) => Handle,
    version: string,
  ) {
    this.#library = library;
    this.#functions = functions;
    this.#address = address;
    this.version = version;
    this.#environment = this.create('CreateEnv', LOG_ERRORS, 'bark-edge');
    // OrtDeviceAllocator, OrtMemTypeDefault
    this.#memory = this.create('CreateCpuMemoryInfo', 0, 0);
  }

  get environment(): Handle {
    return this.#environment;
  }

  /** Describes memory of ours. */
  get memory(): Handle {
    return this.#memory;
  }

  /** Calls a function that answers a status; throws OrtError with its message. */
  call(name: FunctionName, ...values: readonly Argument[]): void {
    if (this.#library === undefined) throw new OrtApiUnavailable('The library has been closed.');
    const status = this.#invoke(name, ...values);
    if (status === null || status === 0n || status === undefined) return;
    if (typeof status !== 'bigint') throw new TypeError(`${name} answers no status.`);
    const message = this.#invoke('GetErrorMessage', status);
    this.#invoke('ReleaseStatus', status);
    throw new OrtError(`${name}: ${String(message)}`);
  }

  /** Calls a function whose last parameter receives a new handle; the caller releases it. */
  create(name: FunctionName, ...values: readonly Argument[]): Handle {
    const out = new BigUint64Array(1);
    this.call(name, ...values, out);
    const handle = out[0] ?? 0n;
    if (handle === 0n) throw new OrtError(`${name} gave nothing.`);
    return handle;
  }

  /** Where memory of ours lies; it must not be on V8's heap, so its buffer is made before the view. */
  addressOf(memory: ArrayBufferView): Handle {
    return this.#address(memory);
  }

  /** Gives a handle back; the caller forgets it. */
  release(name: Extract<FunctionName, `Release${string}`>, handle: Handle): void {
    this.#invoke(name, handle);
  }

  #invoke(name: FunctionName, ...values: readonly Argument[]): unknown {
    const function_ = this.#functions.get(name);
    if (function_ === undefined) throw new OrtApiUnavailable(`${name} has not been bound.`);
    return function_(...values);
  }
}

/** koffi can be configured once, and the environment is the process's anyway. */
let opened: OrtLibrary | null = null;

/** The library, found, loaded and checked on the first call; throws OrtApiUnavailable when it can't be bound. */
export function ortLibrary(): OrtLibrary {
  opened ??= bindOrtLibrary();
  return opened;
}

function bindOrtLibrary(): OrtLibrary {
  const require = createRequire(import.meta.url);
  const koffi = foreignFunctions();
  const path = libraryPath(require);
  try {
    const library = koffi.load(path);
    const getApiBase = library.func('OrtGetApiBase', 'void *', []);
    const base = handleOf(getApiBase(), 'OrtGetApiBase');
    // OrtApiBase is two functions: GetApi, GetVersionString
    const version = call(koffi, base, 1, 'str', []);
    if (typeof version !== 'string' || !isNewEnough(version)) {
      throw new OrtApiUnavailable(
        `${path} is ONNX Runtime ${String(version)}; the table was counted in 1.${API_VERSION}.`,
      );
    }
    const api = handleOf(call(koffi, base, 0, 'void *', ['uint32_t'], API_VERSION), 'GetApi');
    const address = (memory: ArrayBufferView): Handle => koffi.address(memory);
    return new OrtLibrary(library, table(koffi, api), address, version);
  } catch (error) {
    if (error instanceof OrtApiUnavailable) throw error;
    throw new OrtApiUnavailable(`${path} could not be bound; the JavaScript binding remains.`, {
      cause: error,
    });
  }
}

/** koffi with a stack that suffices; throws OrtApiUnavailable where it is not installed. */
export function foreignFunctions(): ForeignFunctions {
  try {
    const koffi: ForeignFunctions = createRequire(import.meta.url)('koffi');
    // it can be configured only before its first library, which another thread may have loaded
    if (koffi.config().sync_stack_size < STACK_BYTES) {
      koffi.config({ sync_stack_size: STACK_BYTES });
    }
    return koffi;
  } catch (error) {
    throw new OrtApiUnavailable('koffi is not installed; `npm install koffi` brings it.', {
      cause: error,
    });
  }
}

function libraryPath(require: NodeJS.Require): string {
  let folder: string;
  try {
    // the package's entry is dist/index.js; the libraries lie in bin/napi-v<n>/<platform>/<architecture>
    const root = dirname(dirname(require.resolve('onnxruntime-node')));
    const [napi = ''] = readdirSync(join(root, 'bin')).filter((name) => name.startsWith('napi-v'));
    folder = join(root, 'bin', napi, process.platform, process.arch);
    const file = readdirSync(folder).find((name) =>
      /^(libonnxruntime\.so\.1|libonnxruntime\.1\.dylib|onnxruntime\.dll)$/.test(name),
    );
    if (file !== undefined) return join(folder, file);
  } catch (error) {
    throw new OrtApiUnavailable('onnxruntime-node has no library for this machine.', {
      cause: error,
    });
  }
  throw new OrtApiUnavailable(`${folder} has no ONNX Runtime library.`);
}

/** 1.30 or a later 1.x: the table keeps its beginning. */
function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major === 1 && minor >= API_VERSION;
}

function table(koffi: ForeignFunctions, api: Handle): ReadonlyMap<string, Foreign> {
  const functions = new Map<string, Foreign>();
  for (const [name, [place, result, parameters]] of Object.entries(FUNCTIONS)) {
    const address = handleOf(koffi.decode(api, place * 8, 'void *'), name);
    functions.set(name, koffi.decode(address, koffi.proto(result, parameters)));
  }
  return functions;
}

function call(
  koffi: ForeignFunctions,
  structure: Handle,
  place: number,
  result: string,
  parameters: readonly string[],
  ...values: readonly Argument[]
): unknown {
  const pointer = handleOf(koffi.decode(structure, place * 8, 'void *'), 'The API');
  return koffi.call(pointer, koffi.proto(result, parameters), ...values);
}

function handleOf(value: unknown, name: string): Handle {
  if (typeof value === 'bigint' && value !== 0n) return value;
  throw new OrtApiUnavailable(`${name} is missing from the library.`);
}
