/** Where a model lies on this machine: the folder that is named, or where the repository of that id was pulled to. */
import { stat } from 'node:fs/promises';
import { isRepositoryId, pulledFolder } from './repository.ts';

/** The folder of a model, null where neither a folder nor anything pulled is there. */
export async function localFolder(
  named: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  if (await isFolder(named)) return named;
  if (!isRepositoryId(named)) return null;
  const pulled = pulledFolder(environment, named);
  return (await isFolder(pulled)) ? pulled : null;
}

/** What is to be told, as a sentence with what helps, where there is none. */
export function missingFolder(named: string): string {
  return isRepositoryId(named)
    ? `${named} is neither a folder nor was it pulled; \`bark pull ${named}\` downloads it.`
    : `${named} is not a folder; give that of a checkpoint (config.json, weights, vocab.txt), or the id of a repository that was pulled.`;
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}
