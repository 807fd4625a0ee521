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
}

const THREADS = {
  WebGPU: '/playground/codec-webgpu.js',
  WASM: '/playground/codec-wasm.js',
} as const satisfies Record<DeviceName, string>;

/** Compiling the runtime, and the kernels of a graphics card, may take long; a chunk of a second may not. */
const OPEN_TIMEOUT_MS = 60_000;
const DECODE_TIMEOUT_MS = 30_000;

/** Opens decoders and keeps the last one, for the next speech. */
export class Codecs {
  readonly #fetchFile: (sha256: string) => Promise<ArrayBuffer>;
  #kept: { readonly decoder: string; readonly opening: Promise<OpenedCodec> } | null = null;

  /** `fetchFile`: the ONNX file of this hash. */
  constructor(fetchFile: (sha256: string) => Promise<ArrayBuffer>) {
    this.#fetchFile = fetchFile;
  }

  /** The decoder that codes of this layout need; throws `Unplayable` where this browser has none. */
  async open(layout: CodesLayout): Promise<OpenedCodec> {
    if (this.#kept?.decoder !== layout.decoder) {
      this.#kept = { decoder: layout.decoder, opening: this.#open(layout) };
    }
    const { opening } = this.#kept;
    try {
      return await opening;
    } catch (error) {
      if (this.#kept?.opening === opening) this.#kept = null;
      throw error;
    }
  }

  async #open(layout: CodesLayout): Promise<OpenedCodec> {
    const [file, hasGpu] = await Promise.all([this.#fetchFile(layout.decoder), hasWebGpu()]);
    if (hasGpu) {
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

/** A thread that answers in the order of the questions. */
class Thread {
  readonly #worker: Worker;
  readonly #asked: PromiseWithResolvers<Answer>[] = [];

  constructor(script: string) {
    this.#worker = new Worker(script, { type: 'module' });
    this.#worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
      const asked = this.#asked.shift();
      if (data.type === 'failed') asked?.reject(new Error(data.message));
      else asked?.resolve(data);
    });
    this.#worker.addEventListener('error', () => this.#fail(new Unplayable(NO_THREAD)));
  }

  async ask(question: Question, timeoutMs: number): Promise<Answer> {
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
    this.#worker.terminate();
  }

  /** Ends everything: answers would no longer fit their questions. */
  #fail(fault: Unplayable): void {
    this.end();
    for (const asked of this.#asked.splice(0)) asked.reject(fault);
  }
}

const NO_THREAD =
  'The decoder of codes can not be loaded: this edge was staged without onnxruntime-web, or the line is down. Choose another format.';
const TOO_SLOW = 'The decoder of codes does not answer. Choose another format, or reload the page.';
