/** `bark convert`: a checkpoint in another precision and as safetensors. */
import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { convertCheckpoint } from '../convert/convert-checkpoint.ts';
import { STORED_PRECISIONS, type StoredPrecision } from '../convert/tensor-plan.ts';
import { folderOf } from '../model-folder.ts';
import { Progress } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { formatBytes } from '../terminal/units.ts';

const PRECISIONS = STORED_PRECISIONS.join(', ');

export function convertCommand(terminal: Terminal) {
  return new Command('convert')
    .summary('write a checkpoint as safetensors, in eight bits or another precision')
    .description(
      'Writes a checkpoint, whatever its format, as a folder in the layout of the hub with one\n' +
        'model.safetensors. Configs, vocabulary and voices come along. Weights are read and written\n' +
        'tensor by tensor, so memory stays small.\n\n' +
        'int8 is what a processor speaks with: the folder loads faster and in less memory, and speaks\n' +
        'exactly as its source does in int8. The float precisions are for other programs, and for\n' +
        "the reference's exact numbers, which int8 does not keep.",
    )
    .argument('<model>', 'a folder, or the id of a repository that was pulled')
    .requiredOption('-o, --output <folder>', 'a new or an empty folder')
    .addOption(
      new Option('-p, --precision <type>', `how the weights are stored: ${PRECISIONS}`)
        .argParser(storedPrecision)
        .default('int8' as const),
    )
    .option(
      '--inference-only',
      "leave out what speaking does not need: the codec's encoder (without it recordings can not become voices), unused codebooks, masks",
    )
    .addHelpText(
      'after',
      `
int4 is no format of a folder: it is made when a checkpoint is loaded (generate --precision int4).

Examples:
  $ bark convert suno/bark-small -o models/bark-small-int8
  $ bark convert suno/bark-small -p fp16 -o models/bark-small-fp16
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

function storedPrecision(text: string): StoredPrecision {
  const known = STORED_PRECISIONS.find((precision) => precision === text);
  if (known !== undefined) return known;
  throw new InvalidArgumentError(
    text === 'int4'
      ? 'int4 is made when a checkpoint is loaded; store fp16, and load that with --precision int4.'
      : `It must be one of ${PRECISIONS}.`,
  );
}
