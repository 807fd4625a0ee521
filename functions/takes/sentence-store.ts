/** Sentences that were spoken once, kept as PCM in a bucket: by their key, for a time, within a size. */
import { bytesFromSamples } from '#shared/audio/pcm.ts';
import { speechReport, type SpeechReport } from '#shared/protocol/messages.ts';
import type { TakeLedger } from './take-ledger.ts';

export interface KeptSentence {
  readonly report: SpeechReport;
  readonly samples: number;
  /** s16le. */
  readonly audio: ReadableStream<Uint8Array>;
}

/** Sizes and reports of sentences, without their sound. */
export type KeptFacts = Omit<KeptSentence, 'audio'>;

export interface SentenceStore {
  /** Null for what is not kept, or no longer. */
  get(key: string): Promise<KeptSentence | null>;
  find(key: string): Promise<KeptFacts | null>;
  put(key: string, pieces: readonly Int16Array[], report: SpeechReport): Promise<void>;
}

interface BucketStoreOptions {
  readonly bucket: R2Bucket;
  readonly ledgers: DurableObjectNamespace<TakeLedger>;
  /** How long a sentence is kept after it was spoken. */
  readonly maxAgeMs: number;
  readonly maxBytes: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const FOLDER = 'sentences';
const LEDGER = 'sentences';

export function bucketStore(options: BucketStoreOptions): SentenceStore {
  const { bucket, ledgers, maxAgeMs, maxBytes, now } = options;
  const isFresh = (object: R2Object): boolean => now() - object.uploaded.getTime() < maxAgeMs;
  return {
    async get(key) {
      const object = await bucket.get(path(key));
      if (object === null || !isFresh(object)) return null;
      return { ...factsOf(object), audio: object.body };
    },
    async find(key) {
      const object = await bucket.head(path(key));
      return object === null || !isFresh(object) ? null : factsOf(object);
    },
    async put(key, pieces, report) {
      const bytes = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
      const ledger = ledgers.getByName(LEDGER);
      const dropped = await ledger.add({ key, bytes, maxBytes, maxAgeMs });
      // piece by piece: there is no second copy of the whole
      const { readable, writable } = new FixedLengthStream(bytes);
      await Promise.all([
        bucket.put(path(key), readable, { customMetadata: { report: JSON.stringify(report) } }),
        writePieces(writable, pieces),
      ]);
      if (dropped.length > 0) await bucket.delete(dropped.map(path));
    },
  };
}

async function writePieces(
  writable: WritableStream<Uint8Array>,
  pieces: readonly Int16Array[],
): Promise<void> {
  const writer = writable.getWriter();
  for (const piece of pieces) await writer.write(bytesFromSamples(piece));
  await writer.close();
}

function path(key: string): string {
  return `${FOLDER}/${key}.s16le`;
}

function factsOf(object: R2Object): KeptFacts {
  const report = speechReport.parse(JSON.parse(object.customMetadata?.['report'] ?? 'null'));
  return { report, samples: object.size / 2 };
}
