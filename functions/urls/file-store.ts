/** Orders that URLs were made for, and the files that came of them, in the bucket. */
import * as z from 'zod/mini';
import type { TakeLedger } from '../takes/take-ledger.ts';

/** What is known of a finished file beside its bytes. */
export const fileFacts = z.object({
  take: z.string(),
  sampleRate: z.number(),
  sentences: z.array(
    z.object({ text: z.string(), fromSeconds: z.number(), toSeconds: z.number() }),
  ),
  /** As the last event of a stream has them. */
  done: z.record(z.string(), z.unknown()),
});

export type FileFacts = z.infer<typeof fileFacts>;

export interface FinishedFile {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly facts: FileFacts;
}

export interface FileStore {
  /** Idempotent; an order is kept as long as its newest URL. */
  putOrder(id: string, order: string, expiresMs: number): Promise<void>;
  /** Null for what is not kept, or no longer. */
  getOrder(id: string): Promise<string | null>;
  put(id: string, file: FinishedFile): Promise<void>;
  /** As R2 answers it to the headers of a request, a range and conditions among them; null when there is none. */
  get(id: string, headers: Headers): Promise<R2Object | R2ObjectBody | null>;
  facts(id: string): Promise<FileFacts | null>;
}

interface BucketFilesOptions {
  readonly bucket: R2Bucket;
  readonly ledgers: DurableObjectNamespace<TakeLedger>;
  readonly maxAgeMs: number;
  readonly maxBytes: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const LEDGER = 'files';

export function bucketFileStore(options: BucketFilesOptions): FileStore {
  const { bucket, ledgers, maxAgeMs, maxBytes, now } = options;
  const count = async (id: string, bytes: number): Promise<void> => {
    const dropped = await ledgers.getByName(LEDGER).add({ key: id, bytes, maxBytes, maxAgeMs });
    await bucket.delete(dropped.flatMap((key) => [orderPath(key), filePath(key), factsPath(key)]));
  };
  const sizeOf = async (...paths: readonly string[]): Promise<number> => {
    const objects = await Promise.all(paths.map((path) => bucket.head(path)));
    return objects.reduce((sum, object) => sum + (object?.size ?? 0), 0);
  };
  return {
    async putOrder(id, order, expiresMs) {
      const known = await bucket.head(orderPath(id));
      if (known !== null && expiresOf(known) >= expiresMs) return;
      const bytes = new TextEncoder().encode(order);
      // its file may be there already
      await count(id, bytes.byteLength + (await sizeOf(filePath(id), factsPath(id))));
      await bucket.put(orderPath(id), bytes, { customMetadata: { expires: String(expiresMs) } });
    },
    async getOrder(id) {
      const object = await bucket.get(orderPath(id));
      if (object === null || now() >= expiresOf(object)) return null;
      return object.text();
    },
    async put(id, { bytes, mediaType, facts }) {
      const known = new TextEncoder().encode(JSON.stringify(facts));
      await count(id, bytes.byteLength + known.byteLength + (await sizeOf(orderPath(id))));
      await bucket.put(factsPath(id), known);
      await bucket.put(filePath(id), bytes, { httpMetadata: { contentType: mediaType } });
    },
    get: (id, headers) =>
      bucket.get(filePath(id), {
        onlyIf: headers,
        ...(headers.has('Range') ? { range: headers } : {}),
      }),
    async facts(id) {
      const object = await bucket.get(factsPath(id));
      return object === null ? null : fileFacts.parse(await object.json());
    },
  };
}

/** Milliseconds since 1970. */
function expiresOf(object: R2Object): number {
  return Number(object.customMetadata?.['expires']);
}

function orderPath(id: string): string {
  return `orders/${id}.json`;
}

function filePath(id: string): string {
  return `files/${id}`;
}

function factsPath(id: string): string {
  return `files/${id}.json`;
}
