/** The audio formats that can be asked for: name, media type, rates. */

export interface AudioFormat {
  /** `Content-Type` of a stream whose length is not known. */
  readonly mediaType: (sampleRate: number) => string;
  /** Samples a second of what is encoded, unless asked otherwise. */
  readonly defaultRate: number;
  /** The rates that the format has, in samples a second; null for all of MIN_RATE..MAX_RATE. */
  readonly rates: readonly number[] | null;
}

export const MIN_RATE = 8_000;
export const MAX_RATE = 48_000;

/** The rate that the model speaks at, which needs no resampling. */
const MODEL_RATE = 24_000;

/** The telephone's. */
const TELEPHONE_RATE = 8_000;

/** MPEG-1, MPEG-2 and MPEG-2.5 audio (ISO 11172-3, 13818-3); AAC's table (ISO 14496-3, 1.6.3.4) has these too. */
const MPEG_RATES = [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];

/** What an Opus encoder takes (RFC 6716, section 2); decoders play at 48 000. */
const OPUS_RATES = [8_000, 12_000, 16_000, 24_000, 48_000];

export const FORMATS = {
  mp3: { mediaType: () => 'audio/mpeg', defaultRate: MODEL_RATE, rates: MPEG_RATES },
  opus: { mediaType: () => 'audio/ogg; codecs=opus', defaultRate: MODEL_RATE, rates: OPUS_RATES },
  aac: { mediaType: () => 'audio/aac', defaultRate: MODEL_RATE, rates: MPEG_RATES },
  flac: { mediaType: () => 'audio/flac', defaultRate: MODEL_RATE, rates: null },
  wav: { mediaType: () => 'audio/wav', defaultRate: MODEL_RATE, rates: null },
  // not audio/L16: that is big endian (RFC 2586)
  pcm: {
    mediaType: (rate) => `audio/pcm;rate=${rate};channels=1`,
    defaultRate: MODEL_RATE,
    rates: null,
  },
  // RFC 4856
  mulaw: {
    mediaType: (rate) => `audio/PCMU;rate=${rate};channels=1`,
    defaultRate: TELEPHONE_RATE,
    rates: null,
  },
  alaw: {
    mediaType: (rate) => `audio/PCMA;rate=${rate};channels=1`,
    defaultRate: TELEPHONE_RATE,
    rates: null,
  },
  // what the model says before it makes samples: the listener decodes
  codes: {
    mediaType: () => 'audio/vnd.bark-edge.codes',
    defaultRate: MODEL_RATE,
    rates: [MODEL_RATE],
  },
} as const satisfies Record<string, AudioFormat>;

/** How a WAV holds its samples: as they are, or as G.711 for telephone systems. */
export const WAV_ENCODINGS = ['linear16', 'mulaw', 'alaw'] as const;

export type WavEncoding = (typeof WAV_ENCODINGS)[number];

/** How many times as fast as spoken, as at OpenAI. */
export const MIN_SPEED = 0.25;
export const MAX_SPEED = 4;

export type FormatName = keyof typeof FORMATS;

/** Formats that are made of samples. */
export type SampledFormat = Exclude<FormatName, 'codes'>;

/** What is wanted of the sound. */
export interface AudioShape {
  readonly format: SampledFormat;
  /** Samples a second of what is encoded, one that the format has. */
  readonly sampleRate: number;
  /** In MIN_SPEED..MAX_SPEED; the pitch stays. */
  readonly speed: number;
  /** Of mp3 and opus, a second; the encoder takes the nearest that it has. Its own choice when left out. */
  readonly kilobits?: number;
  /** Of wav; `linear16` when left out. */
  readonly encoding?: WavEncoding;
}

/** Codes as the model says them: neither rate nor speed of them can be changed. */
export interface CodesShape {
  readonly format: 'codes';
  readonly sampleRate: number;
  readonly speed: 1;
}

export const FORMAT_NAMES: readonly string[] = Object.keys(FORMATS);

export const SAMPLED_FORMATS: readonly SampledFormat[] = FORMAT_NAMES.filter(isFormatName).filter(
  (name) => name !== 'codes',
);

/** What a request gets that asks for no format, as at OpenAI. */
export const DEFAULT_FORMAT: FormatName = 'mp3';

export function isFormatName(name: string): name is FormatName {
  return Object.hasOwn(FORMATS, name);
}

/** Whether a format has a rate, in samples a second. */
export function hasRate(format: AudioFormat, sampleRate: number): boolean {
  return format.rates === null
    ? Number.isInteger(sampleRate) && sampleRate >= MIN_RATE && sampleRate <= MAX_RATE
    : format.rates.includes(sampleRate);
}
