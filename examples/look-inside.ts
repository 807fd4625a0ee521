/** The models by themselves: scores, a cache handed on, hidden states, attentions, codes to sound. */
import { CodecModel, FineModel, SemanticModel } from '../gpu-backend/library/bark.ts';
import { print, settingOf, type Setting } from './setting.ts';

export async function main({ folder }: Setting): Promise<void> {
  const semantic = await SemanticModel.fromPretrained(folder);
  const first = await semantic.forward({
    inputIds: [[1, 2, 3]],
    outputHiddenStates: true,
    outputAttentions: true,
  });
  print(`logits [${first.logits.shape.join(', ')}], ${first.hiddenStates?.length} hidden states`);
  print(`attentions of the first layer [${first.attentions?.[0]?.shape.join(', ')}]`);
  const next = await semantic.forward({ inputIds: [[4]], pastKeyValues: first.pastKeyValues });
  print(`keys of the first layer [${next.pastKeyValues?.[0]?.key.shape.join(', ')}]`);
  await semantic.release();

  const fine = await FineModel.fromPretrained(folder);
  const frames = Array.from({ length: 10 }, () => [5, 6, 1_024, 1_024, 1_024, 1_024, 1_024, 1_024]);
  const { logits } = await fine.forward({ codebookIndex: 2, inputIds: [frames] });
  print(`scores of codebook 2 [${logits.shape.join(', ')}]`);
  await fine.release();

  const codec = await CodecModel.fromPretrained(folder);
  const samples = await codec.decode(Array.from({ length: 8 }, (_, book) => [book, 2, 3, 4]));
  print(`${samples.length} samples`);
  await codec.release();
}

if (import.meta.main) await main(settingOf(process.argv.slice(2)));
