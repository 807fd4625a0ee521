/** The checkpoint that a bench is about. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Device, Precision } from '../../gpu-backend/models/options.ts';
import { writeRandomCheckpoint } from './random-checkpoint.ts';

export interface Subject {
  /** `small`: random weights of the published small model's sizes. `embedded`: what the repository carries. */
  readonly kind: 'small' | 'embedded';
  readonly folder: string;
  readonly threads: number;
  readonly precision: Precision;
  readonly device: Device;
  /** Semantic tokens of every sentence; null lets a trained model end by itself. */
  readonly tokens: number | null;
}

/** Five seconds of speech: 250 semantic tokens, 750 coarse ids, 375 frames. */
export const FIVE_SECONDS = 250;

/** Writes the small checkpoint into `folder`, unless it is there. */
export async function smallCheckpoint(folder: string): Promise<void> {
  // written last
  if (!existsSync(join(folder, 'config.json'))) await writeRandomCheckpoint(folder);
}

export const EMBEDDED = fileURLToPath(new URL('../../models/bark-nano', import.meta.url));
