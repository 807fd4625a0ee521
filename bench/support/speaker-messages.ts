/** What a bench and the process that speaks for it say to each other. */
import type { SpeechReport } from '../../shared/protocol/messages.ts';
import type { Device, Precision } from '../../gpu-backend/models/options.ts';
import type { Take } from './sentence.ts';

/** First argument of the process, as JSON. */
export interface SpeakerSetup {
  readonly folder: string;
  readonly threads: number;
  readonly precision: Precision;
  readonly device: Device;
  /** Most sequences that one run advances. */
  readonly rows: number;
}

/** All takes begin at the same moment. */
export interface SpeakOrder {
  readonly takes: readonly Take[];
}

/** One stream, read as fast as it comes. */
export interface Spoken {
  readonly firstAudioMs: number;
  readonly totalMs: number;
  readonly audioSeconds: number;
  readonly report: SpeechReport;
}

export interface SpokenTogether {
  readonly streams: readonly Spoken[];
  /** From the order to the last sample of the last stream. */
  readonly wallMs: number;
  /** Of the whole process, now and at its highest; NaN where the system does not tell. */
  readonly residentMb: number;
  readonly peakMb: number;
}

export type FromSpeaker =
  | { readonly type: 'ready'; readonly loadMs: number; readonly residentMb: number }
  | ({ readonly type: 'spoken' } & SpokenTogether)
  | { readonly type: 'failed'; readonly message: string };
