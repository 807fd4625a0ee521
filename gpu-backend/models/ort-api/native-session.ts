/**
 * A session of the C API, with inputs and outputs in memory of ours. Every handle has one owner that
 * gives it back once; whatever is used after that throws instead of crashing.
 */
import { ELEMENT, type ElementType, type OnnxModel } from '../../graph/onnx-model.ts';
import { CPU_SESSION_CONFIG } from '../cpu-session-config.ts';
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

  /** Runs the session; blocks. A run that needs much room and is not repeated soon gives it back at its end. */
  run(room: 'kept' | 'given-back'): void {
    if (this.#handle === null) throw new Error('The binding has been released.');
    const { handle, runOptions, shrinkingRunOptions } = this.#session;
    const options = room === 'kept' ? runOptions : shrinkingRunOptions;
    this.#library.call('RunWithBinding', handle, options, this.#handle);
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
  #shrinkingRunOptions: Handle | null = null;

  constructor(library: OrtLibrary, graph: OnnxModel, { threads }: NativeSessionOptions) {
    this.#library = library;
    const options = library.create('CreateSessionOptions');
    const constants: NativeTensor[] = [];
    try {
      library.call('SetIntraOpNumThreads', options, threads);
      library.call('SetInterOpNumThreads', options, 1);
      library.call('SetSessionGraphOptimizationLevel', options, OPTIMIZE_ALL);
      library.call('SetSessionLogSeverityLevel', options, LOG_ERRORS);
      library.call('DisableMemPattern', options);
      for (const [key, value] of Object.entries(CPU_SESSION_CONFIG)) {
        library.call('AddSessionConfigEntry', options, key, value);
      }
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
      const shrinking = library.create('CreateRunOptions');
      this.#shrinkingRunOptions = shrinking;
      library.call('AddRunConfigEntry', shrinking, 'memory.enable_memory_arena_shrinkage', 'cpu:0');
    } catch (error) {
      this.release();
      throw error;
    } finally {
      for (const constant of constants) constant.release();
      library.release('ReleaseSessionOptions', options);
    }
  }

  get handle(): Handle {
    return present(this.#handle);
  }

  get runOptions(): Handle {
    return present(this.#runOptions);
  }

  /** Free memory of the arena goes back to the system at the end of the run. */
  get shrinkingRunOptions(): Handle {
    return present(this.#shrinkingRunOptions);
  }

  /** Gives the memory back; bindings must have been released before. */
  release(): void {
    for (const options of [this.#runOptions, this.#shrinkingRunOptions]) {
      if (options !== null) this.#library.release('ReleaseRunOptions', options);
    }
    if (this.#handle !== null) this.#library.release('ReleaseSession', this.#handle);
    this.#runOptions = null;
    this.#shrinkingRunOptions = null;
    this.#handle = null;
  }
}

function present(handle: Handle | null): Handle {
  if (handle === null) throw new Error('The session has been released.');
  return handle;
}
