/** `bark convert`: a checkpoint in another precision and as safetensors. */
import { Command, Option } from '@commander-js/extra-typings';
import { convertCheckpoint } from '../convert/convert-checkpoint.ts';
import { STORED_PRECISIONS } from '../convert/tensor-plan.ts';
import { folderOf } from '../model-folder.ts';
import { Progress } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { formatBytes } from '../terminal/units.ts';

export function convertCommand(terminal: Terminal) {
  return new Command('convert')
    .summary('write a checkpoint as safetensors, in another precision')
    .description(
      'Writes a checkpoint, whatever its format, as a folder in the layout of the hub with one\n' +
        'model.safetensors, which both bark-edge and transformers load. Configs, vocabulary and voices\n' +
        'come along. Weights are read and written tensor by tensor, so memory stays small.',
    )
    .argument('<model>', 'a folder, or the id of a repository that was pulled')
    .requiredOption('-o, --output <folder>', 'a new or an empty folder')
    .addOption(
      new Option('-p, --precision <type>', 'how the weights are stored')
        .choices(STORED_PRECISIONS)
        .default('fp16' as const),
    )
    .option(
      '--inference-only',
      "leave out what speaking does not need: the codec's encoder (without it recordings can not become voices), unused codebooks, masks",
    )
    .addHelpText(
      'after',
      `
int8 and int4 are no formats of a folder: they are made when a checkpoint is loaded.

Examples:
  $ bark convert suno/bark-small --precision fp16 -o models/bark-small-fp16
  $ bark convert suno/bark -p bf16 --inference-only -o models/bark-bf16`,
    )
    .action(async (model, { output, precision, inferenceOnly }) => {
      const progress = new Progress(terminal);
      try {
        const converted = await convertCheckpoint(
          {
            from: folderOf(model, terminal),
            to: output,
            precision,
            inferenceOnly: inferenceOnly === true,
            onBytes: (written, total) => progress.bytes('writing', written, total),
          },
          terminal.signal,
        );
        progress.note(
          `done: ${converted.tensors} tensors, ${formatBytes(converted.weightBytes)} as ${precision}, ${converted.copiedFiles} other files`,
        );
        await terminal.out(`${converted.folder}\n`);
      } finally {
        progress.clear();
      }
    });
}
