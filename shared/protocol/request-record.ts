/** What the backend answers when asked what a request has cost: numbers alone, nothing of what was spoken. */
import { z } from 'zod/mini';
import { SpeechFault } from '../errors.ts';
import { speechReport } from './messages.ts';

const sentenceRecord = z.object({
  row: z.int().check(z.gte(0)),
  /** `running`, `done`, or the code of the fault that ended it. */
  outcome: z.string().check(z.maxLength(64)),
  /** Samples sent so far. */
  samples: z.int().check(z.gte(0)),
  /** Null unless it came to its end. */
  report: z.nullable(speechReport),
});

const requestRecord = z.object({
  id: z.string(),
  /** Those that were accepted, in their order. */
  sentences: z.array(sentenceRecord),
});

export type SentenceRecord = z.infer<typeof sentenceRecord>;
export type RequestRecord = z.infer<typeof requestRecord>;

/** Throws `backend_failed` for anything else. */
export function parseRequestRecord(text: string): RequestRecord {
  try {
    return requestRecord.parse(JSON.parse(text));
  } catch (cause) {
    throw new SpeechFault('backend_failed', 'The record of the backend is not one we know.', {
      cause,
    });
  }
}
