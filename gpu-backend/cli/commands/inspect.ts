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
        'voices, sampling, and what is missing. No weight is read. Fails where it could not speak.',
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
      const inspection = await inspectCheckpoint(folderOf(model, terminal));
      await terminal.out(
        json === true ? `${JSON.stringify(inspection, null, 2)}\n` : describeInspection(inspection),
      );
      if (inspection.faults.length > 0) {
        throw new CliError('The checkpoint can not speak as it is; see what is missing.');
      }
    });
}
