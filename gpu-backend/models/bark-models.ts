/** All four models of a checkpoint, loaded one after another so that at most one stage's weights are read at a time. */
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { readCodecDecoder, readFine, readTransformer } from '../checkpoint/weights.ts';
import type { BarkModels } from '../pipeline/models.ts';
import { openCausalModel } from './causal-model.ts';
import { openCodecModel } from './codec-model.ts';
import { openFineModel } from './fine-model.ts';
import type { SessionOptions } from './session.ts';

export interface LoadedModels extends BarkModels {
  /** Gives all memory back. */
  release(): Promise<void>;
}

export async function openBarkModels(
  checkpoint: Checkpoint,
  options: SessionOptions,
): Promise<LoadedModels> {
  const { tensors, config, generation } = checkpoint;
  const semantic = await openCausalModel(
    'semantic',
    config.semantic,
    await readTransformer(tensors, 'semantic', config.semantic),
    options,
  );
  const coarse = await openCausalModel(
    'coarse',
    config.coarse,
    await readTransformer(tensors, 'coarse_acoustics', config.coarse),
    options,
  );
  const fine = await openFineModel(config.fine, await readFine(tensors, config.fine), options);
  const codec = await openCodecModel(
    await readCodecDecoder(tensors, config.codec, generation.fine.fineCodebooks),
    options,
  );
  const all = [semantic, coarse, fine, codec];
  return {
    semantic,
    coarse,
    fine,
    codec,
    async release() {
      for (const model of all) await model.release();
    },
  };
}
