/** `bark voices`: who can speak. */
import { Command } from '@commander-js/extra-typings';
import { shown } from '../../hub/hub-error.ts';
import { folderOf } from '../model-folder.ts';
import { formatTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { languageName, listVoices } from '../voices/list-voices.ts';

export function voicesCommand(terminal: Terminal) {
  return new Command('voices')
    .summary('list the voices of a checkpoint')
    .description(
      'Lists the voices of a checkpoint: language, semantic tokens (49.9 a second), frames (75 a second)\n' +
        'and seconds. Each one is read, so one that is damaged is named with its fault.',
    )
    .argument('[model]', 'a folder, or the id of a repository that was pulled (else BARK_MODEL)')
    .option('--language <code>', 'only these, for example de')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Examples:
  $ bark voices suno/bark-small --language de
  $ bark voices --json | jq -r '.[].name'`,
    )
    .action(async (model, { language, json }) => {
      const all = await listVoices(folderOf(model, terminal), terminal.signal);
      const voices = all.filter((one) => language === undefined || one.language === language);
      if (json === true) {
        await terminal.out(`${JSON.stringify(voices, null, 2)}\n`);
        return;
      }
      const rows = voices.map(({ name, language: code, lengths, fault }) => [
        name,
        languageName(code),
        lengths === null ? '' : String(lengths.semanticTokens),
        lengths === null ? '' : String(lengths.frames),
        lengths === null ? `broken: ${fault}` : lengths.seconds.toFixed(1),
      ]);
      await terminal.out(
        rows.length === 0
          ? `There are no voices${language === undefined ? '' : ` in ${shown(language)}`}.\n`
          : formatTable(['voice', 'language', 'semantic', 'frames', 'seconds'], rows),
      );
    });
}
