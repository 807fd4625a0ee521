/** Models whose stage may not be in memory yet: they ask the keeper for it and hold it while they work. */
import type { FineCodes, Waveform } from '#shared/bark/shapes.ts';
import type { CodecModel, CodecStream } from '#shared/codec/codec-model.ts';
import type { FineConfig, TransformerConfig } from '../checkpoint/config.ts';
import type { CausalModel, FineModel, PromptPart, Sequence } from '../pipeline/models.ts';
import type { Releasable, Stage } from './stage-keeper.ts';

export function keptCausalModel(
  config: TransformerConfig,
  stage: Stage<CausalModel & Releasable>,
): CausalModel {
  return {
    vocabularySize: config.outputVocabularySize,
    blockSize: config.blockSize,
    open(): Sequence {
      const kept = new KeptOpening(stage);
      return {
        async append(parts: readonly PromptPart[], signal: AbortSignal) {
          return await (await kept.opened()).append(parts, signal);
        },
        close: () => kept.close(),
      };
    },
  };
}

export function keptFineModel(config: FineConfig, stage: Stage<FineModel & Releasable>): FineModel {
  return {
    vocabularySize: config.outputVocabularySize,
    async forward(window, codebook, fromRow, signal) {
      const leave = stage.hold();
      try {
        return await (await stage.get()).forward(window, codebook, fromRow, signal);
      } finally {
        leave();
      }
    },
  };
}

export function keptCodecModel(
  sizes: { readonly hopSamples: number; readonly firstChunkFrames: number },
  stage: Stage<CodecModel & Releasable>,
): CodecModel {
  return {
    ...sizes,
    open(): CodecStream {
      const kept = new KeptOpening(stage);
      return {
        async decode(codes: FineCodes, signal: AbortSignal): Promise<Waveform> {
          return await (await kept.opened()).decode(codes, signal);
        },
        close: () => kept.close(),
      };
    },
  };
}

/** Something opened of a stage when it is first needed; the stage stays until it is closed. */
class KeptOpening<Opened extends { close(): void }> {
  readonly #stage: Stage<{ open(): Opened } & Releasable>;
  #opened: Opened | null = null;
  #leave: (() => void) | null = null;
  #isClosed = false;

  constructor(stage: Stage<{ open(): Opened } & Releasable>) {
    this.#stage = stage;
  }

  async opened(): Promise<Opened> {
    // a closed one answers for itself
    if (this.#opened !== null) return this.#opened;
    if (this.#isClosed) throw new Error('It has been closed.');
    this.#leave ??= this.#stage.hold();
    const stage = await this.#stage.get();
    if (this.#isClosed) throw new Error('It has been closed.');
    this.#opened ??= stage.open();
    return this.#opened;
  }

  close(): void {
    this.#isClosed = true;
    this.#opened?.close();
    this.#leave?.();
    this.#leave = null;
  }
}
