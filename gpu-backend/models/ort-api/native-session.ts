/**
 * A session of the C API, with inputs and outputs in memory of ours. Every handle has one owner that
 * gives it back once; whatever is used after that throws instead of crashing.
 */
import { ELEMENT, type ElementType, type OnnxModel } from '../../graph/onnx-model.ts';
import type { Handle, OrtLibrary } from './library.ts';

/** Bytes of an element. */
const ELEMENT_BYTES: Readonly<Record<ElementType, number>> = {
  float32: 4,
  uint8: 1,
  int8: 1,
  int32: 4,
  int64: 8,
  bool: 1,
};
/** `ORT_ENABLE_ALL`. */
const OPTIMIZE_ALL = 99;
const LOG_ERRORS = 3;

/** A tensor over memory of ours. */
export class NativeTensor {
  readonly #library: OrtLibrary;
  /** Kept alive for as long as ONNX Runtime may read it. */
  readonly #memory: ArrayBufferView;
  #handle: Handle | null;

  /** `memory` must hold exactly the elements of `shape` and have its buffer outside of V8's heap. */
  constructor(
    library: OrtLibrary,
    type: ElementType,
    memory: ArrayBufferView,
    shape: readonly number[],
  ) {
    const bytes = shape.reduce((product, size) => product * size, ELEMENT_BYTES[type]);
    if (memory.byteLength !== bytes) {
      throw new RangeError(
        `A ${type} tensor [${shape.join(', ')}] has ${bytes} bytes; ${memory.byteLength} are given.`,
      );
    }
    this.#library = library;
    this.#memory = memory;
    this.#handle = library.create(
      'CreateTensorWithDataAsOrtValue',
      library.memory,
      bytes === 0 ? null : library.addressOf(memory),
      bytes,
      BigInt64Array.from(shape, BigInt),
      shape.length,
      ELEMENT[type],
    );
  }

  get handle(): Handle {
    if (this.#handle === null) throw new Error('The tensor has been released.');
    return this.#handle;
  }

  get memory(): ArrayBufferView {
    return this.#memory;
  }

  release(): void {
    if (this.#handle !== null) this.#library.release('ReleaseValue', this.#handle);
    this.#handle = null;
  }
}

/** A session together with which memory its inputs and outputs are. */
export class NativeBinding {
  readonly #library: OrtLibrary;
  readonly #session: NativeSession;
  /** Bound tensors live as long as the binding does. */
  readonly #tensors: readonly NativeTensor[];
  #handle: Handle | null;

  constructor(
    library: OrtLibrary,
    session: NativeSession,
    inputs: Readonly<Record<string, NativeTensor>>,
    outputs: Readonly<Record<string, NativeTensor>>,
  ) {
    this.#library = library;
    this.#session = session;
    this.#tensors = [...Object.values(inputs), ...Object.values(outputs)];
    const handle = library.create('CreateIoBinding', session.handle);
    this.#handle = handle;
    try {
      for (const [name, tensor] of Object.entries(inputs)) {
        library.call('BindInput', handle, name, tensor.handle);
      }
      for (const [name, tensor] of Object.entries(outputs)) {
        library.call('BindOutput', handle, name, tensor.handle);
      }
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Runs the session; blocks. */
  run(): void {
    if (this.#handle === null) throw new Error('The binding has been released.');
    this.#library.call(
      'RunWithBinding',
      this.#session.handle,
      this.#session.runOptions,
      this.#handle,
    );
  }

  /** Gives the binding and its tensors back. */
  release(): void {
    if (this.#handle === null) return;
    this.#library.release('ReleaseIoBinding', this.#handle);
    this.#handle = null;
    for (const tensor of this.#tensors) tensor.release();
  }
}

export interface NativeSessionOptions {
  /** Threads of one run. */
  readonly threads: number;
}

export class NativeSession {
  readonly #library: OrtLibrary;
  #handle: Handle | null = null;
  #runOptions: Handle | null = null;

  constructor(library: OrtLibrary, graph: OnnxModel, { threads }: NativeSessionOptions) {
    this.#library = library;
    const options = library.create('CreateSessionOptions');
    const constants: NativeTensor[] = [];
    try {
      library.call('SetIntraOpNumThreads', options, threads);
      library.call('SetInterOpNumThreads', options, 1);
      library.call('SetSessionGraphOptimizationLevel', options, OPTIMIZE_ALL);
      library.call('SetSessionLogSeverityLevel', options, LOG_ERRORS);
      // an arena keeps its largest moment for ever, and wins no time that can be measured
      library.call('DisableCpuMemArena', options);
      library.call('DisableMemPattern', options);
      // threads that spin between runs starve whatever else the machine does
      library.call('AddSessionConfigEntry', options, 'session.intra_op.allow_spinning', '0');
      for (const { type, data, shape } of graph.externalData) {
        constants.push(new NativeTensor(library, type, data, shape));
      }
      library.call(
        'AddExternalInitializers',
        options,
        graph.externalData.map(({ path }) => path),
        BigUint64Array.from(constants, ({ handle }) => handle),
        constants.length,
      );
      this.#handle = library.create(
        'CreateSessionFromArray',
        library.environment,
        graph.model,
        graph.model.byteLength,
        options,
      );
      this.#runOptions = library.create('CreateRunOptions');
    } catch (error) {
      this.release();
      throw error;
    } finally {
      for (const constant of constants) constant.release();
      library.release('ReleaseSessionOptions', options);
    }
  }

  get handle(): Handle {
    if (this.#handle === null) throw new Error('The session has been released.');
    return this.#handle;
  }

  get runOptions(): Handle {
    if (this.#runOptions === null) throw new Error('The session has been released.');
    return this.#runOptions;
  }

  /** Gives the memory back; bindings must have been released before. */
  release(): void {
    if (this.#runOptions !== null) this.#library.release('ReleaseRunOptions', this.#runOptions);
    if (this.#handle !== null) this.#library.release('ReleaseSession', this.#handle);
    this.#runOptions = null;
    this.#handle = null;
  }
}
