/** The codec's decoder in a thread of this page: by WebGPU where the browser and its machine have it, else by WebAssembly. */
import { waveform } from '#shared/bark/shapes.ts';
import type { CodecModel } from '#shared/codec/codec-model.ts';
import type { CodesLayout } from '#shared/codec/codes-layout.ts';
import type { Answer, Question } from './codec-messages.ts';
import { Unplayable } from './faults.ts';

type DeviceName = 'WebGPU' | 'WASM';

export interface OpenedCodec {
  /** What computes, in words. */
  readonly device: string;
  readonly model: CodecModel;
  /** Whether it has not failed. */
  isAlive(): boolean;
  end(): void;
}

const THREADS = {
  WebGPU: '/playground/codec-webgpu.js',
  WASM: '/playground/codec-wasm.js',
} as const satisfies Record<DeviceName, string>;

/** Compiling the runtime may take long, and so may the kernels of a graphics card, at each new size of a chunk. */
const OPEN_TIMEOUT_MS = 60_000;
const DECODE_TIMEOUT_MS = 60_000;

/** Opens decoders and keeps the last one, for the next speech. */
export class Codecs {
  readonly #fetchFile: (sha256: string) => Promise<ArrayBuffer>;
  #kept: { readonly decoder: string; readonly opening: Promise<OpenedCodec> } | null = null;
  #mayUseGpu = true;

  /** `fetchFile`: the ONNX file of this hash. */
  constructor(fetchFile: (sha256: string) => Promise<ArrayBuffer>) {
    this.#fetchFile = fetchFile;
  }

  /** The decoder that codes of this layout need; throws `Unplayable` where this browser has none. */
  async open(layout: CodesLayout): Promise<OpenedCodec> {
    const before = this.#kept;
    if (before?.decoder === layout.decoder) {
      const opened = await before.opening.catch(() => null);
      if (opened?.isAlive() === true) return opened;
      // one that failed in the middle would again
      if (opened?.device === 'WebGPU') this.#mayUseGpu = false;
    }
    before?.opening.then(
      (opened) => opened.end(),
      () => undefined,
    );
    const opening = this.#open(layout);
    this.#kept = { decoder: layout.decoder, opening };
    return opening;
  }

  async #open(layout: CodesLayout): Promise<OpenedCodec> {
    const [file, hasGpu] = await Promise.all([this.#fetchFile(layout.decoder), hasWebGpu()]);
    if (hasGpu && this.#mayUseGpu) {
      try {
        return await openOn('WebGPU', file, layout);
      } catch {
        // a driver that fails is no reason to be silent
        const opened = await openOn('WASM', file, layout);
        return { ...opened, device: 'WASM, as WebGPU failed' };
      }
    }
    return openOn('WASM', file, layout);
  }
}

/** The build of the runtime with WebGPU needs JavaScript Promise Integration, too. */
async function hasWebGpu(): Promise<boolean> {
  if (!('Suspending' in WebAssembly) || !('gpu' in navigator)) return false;
  const adapter = await navigator.gpu.requestAdapter().catch(() => null);
  return adapter !== null;
}

async function openOn(
  device: DeviceName,
  file: ArrayBuffer,
  { codebooks, hopSamples, firstChunkFrames }: CodesLayout,
): Promise<OpenedCodec> {
  const thread = new Thread(THREADS[device]);
  try {
    await thread.ask({ type: 'open', file, codebooks }, OPEN_TIMEOUT_MS);
  } catch (error) {
    thread.end();
    throw error;
  }
  let opened = 0;
  return {
    device,
    isAlive: () => thread.isAlive,
    end: () => thread.end(),
    model: {
      hopSamples,
      firstChunkFrames,
      open() {
        const stream = opened;
        opened += 1;
        return {
          async decode(codes, signal) {
            signal.throwIfAborted();
            const answer = await thread.ask({ type: 'decode', stream, codes }, DECODE_TIMEOUT_MS);
            signal.throwIfAborted();
            if (answer.type !== 'samples') throw new TypeError('The thread gave no samples.');
            return waveform(answer.samples);
          },
          close() {
            thread.ask({ type: 'close', stream }, DECODE_TIMEOUT_MS).catch(() => undefined);
          },
        };
      },
    },
  };
}

/** A thread that answers in the order of the questions; one that fails once answers no more. */
class Thread {
  readonly #worker: Worker;
  readonly #asked: PromiseWithResolvers<Answer>[] = [];
  #fault: Unplayable | null = null;

  constructor(script: string) {
    this.#worker = new Worker(script, { type: 'module' });
    this.#worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
      if (data.type === 'failed') this.#fail(new Unplayable(FAILED));
      else this.#asked.shift()?.resolve(data);
    });
    this.#worker.addEventListener('error', () => this.#fail(new Unplayable(NO_THREAD)));
  }

  get isAlive(): boolean {
    return this.#fault === null;
  }

  async ask(question: Question, timeoutMs: number): Promise<Answer> {
    if (this.#fault !== null) throw this.#fault;
    const asked = Promise.withResolvers<Answer>();
    this.#asked.push(asked);
    this.#worker.postMessage(question);
    const timer = setTimeout(() => this.#fail(new Unplayable(TOO_SLOW)), timeoutMs);
    try {
      return await asked.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  end(): void {
    this.#fail(new Unplayable(FAILED));
  }

  #fail(fault: Unplayable): void {
    this.#fault ??= fault;
    this.#worker.terminate();
    for (const asked of this.#asked.splice(0)) asked.reject(this.#fault);
  }
}

const NO_THREAD =
  'The decoder of codes can not be loaded: this edge was staged without onnxruntime-web, or the line is down. Choose another format.';
const FAILED = 'The decoder of codes failed. Speak again, or choose another format.';
const TOO_SLOW = 'The decoder of codes does not answer. Speak again, or choose another format.';
