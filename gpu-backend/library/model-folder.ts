/** Which folder a checkpoint is read from. */
import { CheckpointError } from '../checkpoint/checkpoint-error.ts';
import { localFolder, missingFolder } from '../hub/local-folder.ts';
import { assertPath } from './arguments.ts';

/**
 * The folder itself, or that of a repository that was pulled. Throws BarkError for what is no path, CheckpointError
 * where there is no such folder, with how to come by one.
 */
export async function modelFolder(named: string): Promise<string> {
  assertPath('folder', named);
  const folder = await localFolder(named, process.env);
  if (folder === null) throw new CheckpointError(missingFolder(named));
  return folder;
}
