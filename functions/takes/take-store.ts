/** What is known of a take by its id: which sentences it is made of, and what it cost. No word of what was spoken. */
import * as z from 'zod/mini';

const takeRecord = z.object({
  id: z.string(),
  sampleRate: z.number(),
  /** Keys of its sentences, in their order. */
  sentences: z.array(z.string()),
  /** How its codes are told, if the backend that spoke it tells them. */
  codes: z.optional(
    z.object({
      decoder: z.string(),
      codebooks: z.number(),
      codeBits: z.number(),
      sampleRate: z.number(),
      hopSamples: z.number(),
      firstChunkFrames: z.number(),
    }),
  ),
  /** As the last event of its stream had them. */
  facts: z.record(z.string(), z.unknown()),
});

export type TakeRecord = z.infer<typeof takeRecord>;

export interface TakeStore {
  /** Null for what is not known, or no longer. */
  get(id: string): Promise<TakeRecord | null>;
  put(record: TakeRecord): Promise<void>;
}

interface BucketTakesOptions {
  readonly bucket: R2Bucket;
  /** How long a record is kept after it was last spoken. */
  readonly maxAgeMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Records are small, and as many as takes: a lifecycle rule of the bucket deletes those of `takes/` (docs/http.md). */
export function bucketTakes({ bucket, maxAgeMs, now }: BucketTakesOptions): TakeStore {
  return {
    async get(id) {
      const object = await bucket.get(path(id));
      if (object === null || now() - object.uploaded.getTime() >= maxAgeMs) return null;
      return takeRecord.parse(await object.json());
    },
    async put(record) {
      await bucket.put(path(record.id), JSON.stringify(record));
    },
  };
}

function path(id: string): string {
  return `takes/${id}.json`;
}
