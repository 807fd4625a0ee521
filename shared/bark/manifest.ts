/**
 * What the edge knows of a checkpoint: its vocabulary and voices, staged as files that a Worker can
 * fetch (static assets or R2). `scripts/stage.ts` writes it, the edge reads it.
 */
import { z } from 'zod/mini';

/** Where the manifest lies below the staged folder; all file names in it are relative to that folder. */
export const MANIFEST_FILE = 'bark/manifest.json';

/** A staged file: no scheme, no leading slash, no parent folder. */
const stagedFile = z
  .string()
  .check(z.regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/));

const voiceEntry = z.object({
  /** What a caller says, for example `v2/en_speaker_6`. */
  id: z.string().check(z.minLength(1), z.maxLength(200)),
  /** For people. */
  name: z.string(),
  /** ISO 639-1 code, null where the preset's name tells none. */
  language: z.nullable(z.string()),
  /** One `.npz`, or the three `.npy` of the hub's layout. */
  files: z.union([
    z.object({ npz: stagedFile }),
    z.object({
      semantic_prompt: stagedFile,
      coarse_prompt: stagedFile,
      fine_prompt: stagedFile,
    }),
  ]),
});

export const manifestSchema = z.object({
  /** The checkpoint's id; the backend's hello must name the same. */
  model: z.string().check(z.minLength(1)),
  vocabulary: z.object({ file: stagedFile, sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)) }),
  /** The voice of requests that name none; null speaks without history. */
  defaultVoice: z.nullable(z.string()),
  voices: z.array(voiceEntry),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type VoiceEntry = z.infer<typeof voiceEntry>;
