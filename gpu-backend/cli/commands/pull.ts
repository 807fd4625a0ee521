/** `bark pull`: a checkpoint of the hub onto this machine. */
import { Command } from '@commander-js/extra-typings';
import { endpointOf, HubClient } from '../../hub/hub-client.ts';
import { shown } from '../../hub/hub-error.ts';
import { pullRepository } from '../../hub/pull.ts';
import { isRepositoryId, pulledFolder } from '../../hub/repository.ts';
import { UsageError } from '../cli-error.ts';
import { Progress } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { formatBytes } from '../terminal/units.ts';

export function pullCommand(terminal: Terminal) {
  return new Command('pull')
    .summary('download a checkpoint from the hub')
    .description(
      'Downloads what is needed to speak: configs, vocabulary, all voices, and the weights in one format.\n' +
        "What was cut off goes on where it was; every file is checked against the hub's checksum; the\n" +
        'folder appears when all of it is there. Pulling again checks everything and repairs it.',
    )
    .argument('<repository>', 'for example suno/bark-small (1.7 GB) or suno/bark (4.5 GB)')
    .option('--revision <name>', 'a branch, a tag or a commit', 'main')
    .option(
      '--endpoint <url>',
      'a hub or a mirror of it (else HF_ENDPOINT, else https://huggingface.co)',
    )
    .option(
      '--token <token>',
      'for gated and private repositories (else HF_TOKEN); sent to the hub alone',
    )
    .addHelpText(
      'after',
      `
Where it goes: BARK_CACHE, or ~/.cache/bark-edge/models, as <owner>--<name>.

Examples:
  $ bark pull suno/bark-small
  $ BARK_MODEL=suno/bark-small npm start
  $ bark pull suno/bark --revision refs/pr/1`,
    )
    .action((repository, options) => pull(terminal, repository, options));
}

interface PullOptions {
  readonly revision: string;
  readonly endpoint?: string | undefined;
  readonly token?: string | undefined;
}

async function pull(
  terminal: Terminal,
  repository: string,
  { revision, endpoint, token }: PullOptions,
): Promise<void> {
  const { environment } = terminal;
  if (!isRepositoryId(repository)) {
    throw new UsageError(
      `${shown(repository)} is not the id of a repository; write owner/name, for example suno/bark-small.`,
    );
  }
  const progress = new Progress(terminal);
  const folder = pulledFolder(environment, repository);
  const client = new HubClient({
    endpoint: endpointOf(endpoint, environment),
    token: token ?? (environment['HF_TOKEN']?.trim() || null),
    onRetry: (reason) => progress.note(reason),
  });
  progress.note(`${repository} from ${client.endpoint.host} to ${folder}`);
  try {
    const pulled = await pullRepository(
      {
        client,
        repository,
        revision,
        folder,
        onProgress: ({ step, doneBytes, totalBytes, fetchedBytes }) =>
          progress.bytes(step, doneBytes, totalBytes, fetchedBytes),
      },
      terminal.signal,
    );
    const what = `${pulled.files} files, ${formatBytes(pulled.totalBytes)}, commit ${pulled.commit.slice(0, 12)}`;
    progress.note(
      pulled.downloadedBytes === 0
        ? `nothing to fetch: all checksums are right (${what})`
        : `done: ${what}, ${formatBytes(pulled.downloadedBytes)} of it fetched`,
    );
    if (!pulled.hasVocabulary) {
      progress.note(
        'note: the repository has no vocab.txt; copy that of bert-base-multilingual-cased there, Bark uses the same.',
      );
    }
    await terminal.out(`${pulled.folder}\n`);
  } finally {
    progress.clear();
  }
}
