/**
 * A voice that is a tone: speaks as the engine does (stages, steps, audio in pieces, a report), at
 * once and without a model. A test can hold it at a step and see what was pulled from it.
 */
import { fineCodes, waveform, type FineCodes, type Waveform } from '#shared/bark/shapes.ts';
import { SpeechFault } from '#shared/errors.ts';
import type {
  SpeechEvent,
  SpeechRequest,
  Synthesizer,
  SynthesizerInfo,
} from '../../gpu-backend/pipeline/synthesizer.ts';
import type { SpeechReport, StageName } from '#shared/protocol/messages.ts';

export interface SineOptions {
  readonly info?: Partial<SynthesizerInfo>;
  /** Samples of one sentence. */
  readonly samples?: number;
  /** Samples of one audio event. */
  readonly pieceSamples?: number;
  /** Steps of the semantic stage, and of the coarse stage before each piece. */
  readonly steps?: number;
  readonly frequency?: number;
}

/** Where a held synthesizer stands. */
interface Hold {
  readonly stage: StageName;
  readonly step: number;
  readonly reached: () => void;
  readonly released: Promise<void>;
}

const SINE_INFO: SynthesizerInfo = {
  model: 'sine',
  fingerprint: null,
  vocabulary: null,
  sampleRate: 24_000,
  textVocabularySize: 119_547,
  semanticVocabularySize: 10_000,
  codebookSize: 1_024,
  maxSentenceTokens: 256,
  latencyModes: ['exact', 'balanced', 'fast'],
  codes: null,
};

const LOUDNESS = 0.5;

export class SineSynthesizer implements Synthesizer {
  readonly info: SynthesizerInfo;
  /** What it was asked to say, in order. */
  readonly requests: SpeechRequest[] = [];
  /** Audio events that were pulled from it, over all requests. */
  pulledPieces = 0;
  /** Requests that began and have not ended. */
  speaking = 0;
  /** Most that spoke at the same time. */
  mostSpeaking = 0;
  /** Steps that were begun after the signal of their request had aborted. */
  stepsAfterAbort = 0;
  readonly #samples: number;
  readonly #pieceSamples: number;
  readonly #steps: number;
  readonly #frequency: number;
  #holds: Hold[] = [];
  #watchers: (() => void)[] = [];
  #failure: Error | undefined;

  constructor({
    info = {},
    samples = 24_000,
    pieceSamples = 6_000,
    steps = 4,
    frequency = 440,
  }: SineOptions = {}) {
    this.info = { ...SINE_INFO, ...info };
    this.#samples = samples;
    this.#pieceSamples = pieceSamples;
    this.#steps = steps;
    this.#frequency = frequency;
  }

  /** Stops before this step of the next request that comes there; `release` lets it go on. */
  hold(stage: StageName, step: number): { reached: Promise<void>; release: () => void } {
    const reached = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    this.#holds.push({ stage, step, reached: reached.resolve, released: released.promise });
    return { reached: reached.promise, release: released.resolve };
  }

  /** The next request throws this at its first step. */
  failWith(error: Error): void {
    this.#failure = error;
  }

  /** Resolves when the condition holds; it is looked at whenever something happens here. */
  async until(condition: (synthesizer: this) => boolean): Promise<void> {
    while (!condition(this)) {
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  async *speak(request: SpeechRequest, signal: AbortSignal): AsyncGenerator<SpeechEvent> {
    this.requests.push(request);
    this.speaking += 1;
    this.mostSpeaking = Math.max(this.mostSpeaking, this.speaking);
    this.#changed();
    try {
      for (let step = 1; step <= this.#steps; step += 1) {
        yield await this.#step('semantic', step, signal);
      }
      for (let from = 0; from < this.#samples; from += this.#pieceSamples) {
        for (let step = 1; step <= this.#steps; step += 1) {
          yield await this.#step('coarse', step, signal);
        }
        yield await this.#step('fine', 1, signal);
        yield await this.#step('codec', 1, signal);
        this.pulledPieces += 1;
        this.#changed();
        if (request.content === 'codes') yield { type: 'codes', codes: this.#codes(from) };
        else yield { type: 'audio', samples: this.#tone(from) };
      }
      yield { type: 'done', report: REPORT };
    } finally {
      this.speaking -= 1;
      this.#changed();
    }
  }

  /** The samples that a whole sentence has. */
  sentence(): Float32Array {
    return this.#tone(0, this.#samples);
  }

  /** Frames of that many samples, [8, frames], whose codes tell frame and codebook. */
  #codes(fromSample: number): FineCodes {
    const hop = this.info.codes?.hopSamples ?? 1;
    const frames = Math.min(this.#pieceSamples, this.#samples - fromSample) / hop;
    const first = fromSample / hop;
    const codes = Int32Array.from(
      { length: 8 * frames },
      (_, i) => 8 * ((first + (i % frames)) % 128) + Math.floor(i / frames),
    );
    return fineCodes(codes, this.info.codebookSize);
  }

  async #step(stage: StageName, step: number, signal: AbortSignal): Promise<SpeechEvent> {
    if (signal.aborted) this.stepsAfterAbort += 1;
    // as an engine on another thread: its answer comes in a later turn of the event loop
    await new Promise((resolve) => setImmediate(resolve));
    const failure = this.#failure;
    if (failure !== undefined) {
      this.#failure = undefined;
      throw failure;
    }
    const hold = this.#holds.find(
      (candidate) => candidate.stage === stage && candidate.step === step,
    );
    if (hold !== undefined) {
      this.#holds = this.#holds.filter((other) => other !== hold);
      hold.reached();
      await Promise.race([hold.released, aborted(signal)]);
    }
    if (signal.aborted) {
      throw new SpeechFault('cancelled', 'Speaking was stopped.', { cause: signal.reason });
    }
    return { type: 'progress', stage, step };
  }

  #tone(from: number, length = Math.min(this.#pieceSamples, this.#samples - from)): Waveform {
    const radiansPerSample = (2 * Math.PI * this.#frequency) / this.info.sampleRate;
    return waveform(
      Float32Array.from({ length }, (_, i) => LOUDNESS * Math.sin((from + i) * radiansPerSample)),
    );
  }

  #changed(): void {
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const wake of watchers) wake();
  }
}

const REPORT: SpeechReport = {
  queueMs: 0,
  firstAudioMs: 1,
  totalMs: 2,
  semantic: { ms: 1, steps: 4 },
  coarse: { ms: 1, steps: 16 },
  fine: { ms: 1, steps: 4 },
  codec: { ms: 1, steps: 75 },
};

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
