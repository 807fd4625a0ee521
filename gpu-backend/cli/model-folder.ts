/** Which checkpoint a command means. */
import { statSync } from 'node:fs';
import { modelFolder } from '../config.ts';
import { isRepositoryId } from '../hub/repository.ts';
import { CliError } from './cli-error.ts';
import type { Terminal } from './terminal/terminal.ts';

/** A folder or the id of a repository that was pulled; BARK_MODEL, else the embedded one, where none is named. */
export function folderOf(named: string | undefined, { environment }: Terminal): string {
  const folder = modelFolder(
    named === undefined ? environment : { ...environment, BARK_MODEL: named },
  );
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return folder;
  const said = named ?? environment['BARK_MODEL']?.trim() ?? '';
  throw new CliError(
    isRepositoryId(said)
      ? `${said} is neither a folder nor was it pulled to ${folder}; \`bark pull ${said}\` downloads it.`
      : `${folder} is not a folder; give the folder of a Bark checkpoint, or the id of a repository that was pulled.`,
  );
}
