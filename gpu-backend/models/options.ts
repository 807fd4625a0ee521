/** How the models are held and computed. */

/**
 * `fp32` computes with the checkpoint's numbers. `fp16` keeps tables and resting weights at half precision
 * and computes in fp32. `int8` and `int4` round the matrices and, where the C API decodes, cached keys and values to
 * 8 bits; norms and sums of attention stay fp32.
 */
export type Precision = 'fp32' | 'fp16' | 'int8' | 'int4';

/** What computes: the processor, a GPU of any maker, one of NVIDIA's, or the processor without a native library. */
export type Device = 'cpu' | 'webgpu' | 'cuda' | 'wasm';

/** `plain` is the reference in plain operators; `fused` never holds a score matrix and appends to its cache in place. */
export type AttentionKind = 'plain' | 'fused';

/** Precision, attention, offloading and threads of a loaded checkpoint; they combine freely but where said. */
export interface ModelOptions {
  /** Threads of one forward, 1..1 024. */
  readonly threads: number;
  /**
   * `fp32` unless given; `int8` on the processor where the weights are stored so. `auto` is `int8` on the processor
   * also for other weights, but for models too narrow to gain by it, and `fp32` elsewhere.
   */
  readonly precision?: Precision | 'auto';
  /** `cpu` unless given; a device that this machine lacks, or a precision that it lacks, is refused. */
  readonly device?: Device;
  /**
   * `plain` for fp32 and `fused` for the others unless given; `plain` exists in fp32 alone. `fastest` leaves it to
   * the device.
   */
  readonly attention?: AttentionKind | 'fastest';
  /** Hold only the stage at work; the others are read again when their turn comes. */
  readonly offload?: boolean;
  /**
   * How decoding reaches ONNX Runtime: `native` through its C API, `stock` through the JavaScript binding;
   * `auto` takes the first where it can be had.
   */
  readonly decoder?: 'auto' | 'native' | 'stock';
  /** Most sequences of a stage that are advanced by one run, 1..256; 8 unless given. */
  readonly rows?: number;
  /** Told once when a faster way can't be had. */
  readonly onWarning?: (message: string) => void;
}
