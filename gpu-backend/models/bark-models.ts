/** All four models of a checkpoint, loaded one after another so that at most one stage's weights are read at a time. */
import { openCheckpoint, type Checkpoint } from '../checkpoint/checkpoint.ts';
import type { TransformerConfig } from '../checkpoint/config.ts';
import type { TensorSource } from '../checkpoint/tensors.ts';
import { readCodecDecoder, readFine, readTransformer } from '../checkpoint/weights.ts';
import type { BarkModels, CausalModel, FineModel } from '../pipeline/models.ts';
import { CacheCalibration } from './cache-calibration.ts';
import { calibrationPrompt, type CausalStageName } from './calibration-prompt.ts';
import { openCausalModel } from './causal-model.ts';
import { openCodecModel } from './codec-model.ts';
import { openFineModel } from './fine-model.ts';
import { FusedFineModel } from './fused-fine-model.ts';
import { keptCausalModel, keptCodecModel, keptFineModel } from './kept-models.ts';
import {
  cacheTypeOf,
  loadFusedFine,
  loadNativeCausal,
  loadStockCausal,
  weightForms,
} from './load-stages.ts';
import { NativeCausalModel } from './native-causal-model.ts';
import type { ModelOptions } from './options.ts';
import { giveBackWhenCollected } from './ort-api/freed-memory.ts';
import { ortLibrary, OrtApiUnavailable, type OrtLibrary } from './ort-api/library.ts';
import { openResidentCausalModel } from './resident-causal-model.ts';
import { settingsOf, type Settings } from './settings.ts';
import { StageKeeper } from './stage-keeper.ts';
import { StockCausalModel } from './stock-causal-model.ts';

export interface LoadedModels extends BarkModels {
  /** What decides the sound beside the weights, in words that are compared and not read. */
  readonly computed: string;
  /** Gives all memory back. */
  release(): Promise<void>;
}

/** Most sequences that one run advances, unless told otherwise. */
const DEFAULT_ROWS = 8;

/**
 * Loads a checkpoint; its tensors may be closed afterwards. When offloading nothing is read yet, and the
 * folder must stay where it is.
 */
export async function openBarkModels(
  checkpoint: Checkpoint,
  options: ModelOptions,
): Promise<LoadedModels> {
  const settings = await settingsOf(options, checkpoint);
  const keeper = new StageKeeper(options.offload ?? false);
  const read = weightReader(checkpoint, options.offload ?? false);
  const library = settings.attention === 'plain' ? null : decoderLibrary(settings);
  const openStage = settings.attention === 'plain' ? plainOpener : fusedOpener(settings, library);
  try {
    const { semantic, coarse, fine } = await openStage({ checkpoint, settings, keeper, read });
    const codec = keptCodecModel(
      {
        hopSamples: checkpoint.config.codec.hopLength,
        firstChunkFrames: checkpoint.config.codec.kernelSize,
      },
      await keeper.add(async () => {
        const { config, generation } = checkpoint;
        const weights = await read((tensors) =>
          readCodecDecoder(tensors, config.codec, generation.fine.fineCodebooks),
        );
        return await openCodecModel(weights, settings);
      }),
    );
    const computed = await computedBy(settings, library);
    return { semantic, coarse, fine, codec, computed, release: () => keeper.release() };
  } catch (error) {
    await keeper.release();
    throw error;
  }
}

interface Opening {
  readonly checkpoint: Checkpoint;
  readonly settings: Settings;
  readonly keeper: StageKeeper;
  readonly read: WeightReader;
}
interface Transformers {
  readonly semantic: CausalModel;
  readonly coarse: CausalModel;
  readonly fine: FineModel;
}

async function plainOpener(opening: Opening): Promise<Transformers> {
  const { checkpoint, settings, keeper, read } = opening;
  const { threads, provider } = settings;
  const { openKeeping } = provider;
  const { config } = checkpoint;
  const causal = async (stage: CausalStageName, sizes: TransformerConfig): Promise<CausalModel> =>
    keptCausalModel(
      sizes,
      await keeper.add(async () => {
        const weights = await read((tensors) => readTransformer(tensors, stage, sizes));
        return openKeeping === null
          ? await openCausalModel(stage, sizes, weights, settings)
          : await openResidentCausalModel(stage, sizes, weights, { threads, openKeeping });
      }),
    );
  return {
    semantic: await causal('semantic', config.semantic),
    coarse: await causal('coarse_acoustics', config.coarse),
    fine: keptFineModel(
      config.fine,
      await keeper.add(async () => {
        const weights = await read((tensors) => readFine(tensors, config.fine));
        return await openFineModel(config.fine, weights, settings);
      }),
    ),
  };
}

function fusedOpener(
  settings: Settings,
  library: OrtLibrary | null,
): (opening: Opening) => Promise<Transformers> {
  const forms = weightForms(settings.precision);
  return async ({ checkpoint, keeper, read }) => {
    const { config, generation } = checkpoint;
    const causal = async (
      stage: CausalStageName,
      sizes: TransformerConfig,
    ): Promise<CausalModel> => {
      // kept while the stage comes and goes
      const calibration = new CacheCalibration(() => calibrationPrompt(stage, sizes, generation));
      return library === null
        ? new StockCausalModel(
            sizes,
            await keeper.add(async () => {
              const weights = await read((tensors) =>
                readTransformer(tensors, stage, sizes, forms),
              );
              return await loadStockCausal(stage, sizes, weights, settings);
            }),
          )
        : await NativeCausalModel.create(
            library,
            sizes,
            { rows: settings.rows ?? DEFAULT_ROWS, cache: cacheTypeOf(settings.precision) },
            async () => {
              const weights = await read((tensors) =>
                readTransformer(tensors, stage, sizes, forms),
              );
              return loadNativeCausal(library, stage, sizes, weights, calibration, settings);
            },
            keeper,
          );
    };
    return {
      semantic: await causal('semantic', config.semantic),
      coarse: await causal('coarse_acoustics', config.coarse),
      fine: new FusedFineModel(
        config.fine,
        await keeper.add(async () => {
          const weights = await read((tensors) => readFine(tensors, config.fine, forms));
          return await loadFusedFine(config.fine, weights, settings);
        }),
      ),
    };
  };
}

async function computedBy(
  { precision, attention, provider }: Settings,
  library: OrtLibrary | null,
): Promise<string> {
  // the two ways to decode keep different caches
  const decoder = library === null ? 'stock' : 'native';
  return [await provider.version(), provider.device, precision, attention, decoder].join(', ');
}

/** The C API, or null when decoding goes through the session of the device. */
function decoderLibrary({ decoder = 'auto', provider, onWarning }: Settings): OrtLibrary | null {
  const { device, abilities } = provider;
  if (decoder === 'native' && !abilities.hasHostCaches) {
    throw new RangeError(`The device ${device} has no native decoder; use auto.`);
  }
  if (decoder === 'stock' || !abilities.hasHostCaches) return null;
  try {
    return ortLibrary();
  } catch (error) {
    if (!(error instanceof OrtApiUnavailable) || decoder === 'native') throw error;
    const warn = onWarning ?? ((message: string) => process.emitWarning(message));
    warn(`Decoding is slower than it could be: ${error.message}`);
    return null;
  }
}

type WeightReader = <Weights extends object>(
  read: (tensors: TensorSource) => Promise<Weights>,
) => Promise<Weights>;

/** Reads of the open checkpoint; when offloading, of its folder opened anew each time. */
function weightReader({ tensors, folder }: Checkpoint, offload: boolean): WeightReader {
  if (!offload) {
    return async (read) => {
      const weights = await read(tensors);
      giveBackWhenCollected(weights);
      return weights;
    };
  }
  return async (read) => {
    const again = await openCheckpoint(folder);
    try {
      const weights = await read(again.tensors);
      giveBackWhenCollected(weights);
      return weights;
    } finally {
      await again.tensors.close();
    }
  };
}
