/**
 * What became of those sentences of a request that were not spoken for it: played from what was kept, or heard with another
 * request. The backend, which remembers the others, does not know of them.
 */
import * as z from 'zod/mini';

const heardSentence = z.object({
  row: z.number(),
  origin: z.enum(['kept', 'joined']),
  /** Samples of the model's rate that it has. */
  samples: z.number(),
  /** The request of the same caller that it was spoken for. */
  leader: z.optional(z.string()),
});

const heardRequest = z.object({
  /** How many its text has in all. */
  sentences: z.number(),
  heard: z.array(heardSentence),
});

export type HeardSentenceRecord = z.infer<typeof heardSentence>;
export type HeardRequest = z.infer<typeof heardRequest>;

/** A request among those of all callers; null where callers are not told apart. */
export interface RequestName {
  readonly caller: string | null;
  readonly id: string;
}

export interface RequestStore {
  /** Null for what is not known, or no longer. */
  get(name: RequestName): Promise<HeardRequest | null>;
  put(name: RequestName, request: HeardRequest): Promise<void>;
}

interface BucketRequestsOptions {
  readonly bucket: R2Bucket;
  readonly maxAgeMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Records are small: a lifecycle rule of the bucket deletes those of `requests/` (docs/http.md). */
export function bucketRequests(options: BucketRequestsOptions): RequestStore {
  const { bucket, maxAgeMs, now } = options;
  return {
    async get(name) {
      const object = await bucket.get(path(name));
      if (object === null || now() - object.uploaded.getTime() >= maxAgeMs) return null;
      return heardRequest.parse(await object.json());
    },
    async put(name, request) {
      await bucket.put(path(name), JSON.stringify(request));
    },
  };
}

function path({ caller, id }: RequestName): string {
  return `requests/${caller ?? '-'}/${encodeURIComponent(id)}.json`;
}
