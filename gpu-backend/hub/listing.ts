/** What a hub says a repository holds at one revision. Nothing of it is trusted: paths become files here. */
import { z } from 'zod/mini';
import { digestFromHex, type Digest } from './digest.ts';
import { HubError, shown } from './hub-error.ts';

/** Bounds; suno/bark has 800 files, the largest of 4.5 GB. */
const FILES_MAX = 20_000;
const FILE_MAX_BYTES = 2 ** 42;
const PATH_MAX_CHARACTERS = 500;

export interface ListedFile {
  /** Relative, with `/`. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Null where the listing tells none. */
  readonly digest: Digest | null;
}

export interface Listing {
  /** The commit that the revision meant, 40 hexadecimal digits. */
  readonly commit: string;
  readonly files: readonly ListedFile[];
}

const size = z.int().check(z.gte(0), z.lte(FILE_MAX_BYTES));
const schema = z.object({
  sha: z.string().check(z.regex(/^[0-9a-f]{40}$/)),
  siblings: z
    .array(
      z.object({
        rfilename: z.string(),
        size: z.nullish(size),
        blobId: z.nullish(z.string()),
        lfs: z.nullish(z.object({ sha256: z.nullish(z.string()), size: z.nullish(size) })),
      }),
    )
    .check(z.maxLength(FILES_MAX)),
});

/** Checks the answer to `/api/models/{id}/revision/{revision}?blobs=true`; throws HubError naming `what`. */
export function parseListing(text: string, what: string): Listing {
  const result = z.safeParse(schema, parseJson(text, what));
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new HubError(
      `The listing of ${what} is not what a hub answers (${issue?.path.join('.')}); check --endpoint.`,
    );
  }
  const { sha, siblings } = result.data;
  const files: ListedFile[] = [];
  const seen = new Set<string>();
  for (const { rfilename: path, size: plainSize, blobId, lfs } of siblings) {
    assertSafePath(path, what);
    if (seen.has(path)) throw new HubError(`The listing of ${what} names ${shown(path)} twice.`);
    seen.add(path);
    const sizeBytes = lfs?.size ?? plainSize;
    if (sizeBytes === null || sizeBytes === undefined) {
      throw new HubError(
        `The listing of ${what} does not tell how large ${shown(path)} is; check --endpoint.`,
      );
    }
    // a large file's blob is only a pointer, its own checksum is another
    const digest = digestFromHex(lfs?.sha256) ?? (lfs ? null : digestFromHex(blobId));
    files.push({ path, sizeBytes, digest });
  }
  return { commit: sha, files };
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HubError(`The listing of ${what} is not JSON; check --endpoint.`, cause);
  }
}

/** Throws HubError unless the path is relative, with `/`, and stays below where it begins. */
function assertSafePath(path: string, what: string): void {
  const parts = path.split('/');
  const isSafe =
    path.length <= PATH_MAX_CHARACTERS &&
    // neither control characters nor what is a folder, a drive or a stream on another system
    !/[\p{Cc}\p{Cs}\\:]/u.test(path) &&
    parts.every((part) => part !== '' && part !== '.' && part !== '..');
  if (isSafe) return;
  throw new HubError(
    `The listing of ${what} names ${shown(path)}, a path that may leave the folder; nothing was downloaded.`,
  );
}
