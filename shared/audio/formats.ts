/** The audio formats that can be asked for: name, media type, rate, encoder. */
import type { Encoder } from './encoder.ts';
import { pcmEncoder } from './pcm.ts';
import { wavEncoder } from './wav.ts';

export interface AudioFormat {
  /** `Content-Type` of a stream whose length is not known. */
  readonly mediaType: string;
  /** Samples a second of what goes into the encoder. */
  readonly sampleRate: number;
  /** A fresh encoder for mono samples of this rate. */
  readonly encoder: (sampleRate: number) => Encoder;
}

export const FORMATS = {
  wav: { mediaType: 'audio/wav', sampleRate: 24_000, encoder: wavEncoder },
  // not audio/L16: that is big endian (RFC 2586)
  pcm: { mediaType: 'audio/pcm;rate=24000;channels=1', sampleRate: 24_000, encoder: pcmEncoder },
} as const satisfies Record<string, AudioFormat>;

export type FormatName = keyof typeof FORMATS;

export const FORMAT_NAMES: readonly string[] = Object.keys(FORMATS);

/** What a request gets that asks for no format. */
export const DEFAULT_FORMAT: FormatName = 'wav';

export function isFormatName(name: string): name is FormatName {
  return Object.hasOwn(FORMATS, name);
}
