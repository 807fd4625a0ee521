/** `bark inspect`: what a checkpoint holds. */
import { Command } from '@commander-js/extra-typings';
import { CliError } from '../cli-error.ts';
import { describeInspection } from '../inspect/describe.ts';
import { inspectCheckpoint } from '../inspect/inspect-checkpoint.ts';
import { folderOf } from '../model-folder.ts';
import type { Terminal } from '../terminal/terminal.ts';

export function inspectCommand(terminal: Terminal) {
  return new Command('inspect')
    .summary('tell what a checkpoint holds and what it lacks')
    .description(
      'Tells what a checkpoint holds: sizes, parameters, bytes and precision of every stage, vocabulary,\n' +
        'voices, sampling; and all that is missing or broken. Names and shapes of the weights are checked,\n' +
        'but not their numbers; voices are read. Fails (1) where anything is missing or broken.',
    )
    .argument('[model]', 'a folder, or the id of a repository that was pulled (else BARK_MODEL)')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ bark inspect models/bark-tiny
  $ bark inspect suno/bark-small --json | jq .stages`,
    )
    .action(async (model, { json }) => {
      const inspection = await inspectCheckpoint(folderOf(model, terminal), terminal.signal);
      await terminal.out(
        json === true ? `${JSON.stringify(inspection, null, 2)}\n` : describeInspection(inspection),
      );
      if (inspection.faults.length > 0) {
        throw new CliError(
          inspection.canSpeak
            ? 'The checkpoint can speak, but not use what is broken; see the faults.'
            : 'The checkpoint can not speak as it is; see the faults.',
        );
      }
    });
}
