/** The body of an ElevenLabs request in our own words: what has a meaning here, and what is passed over. */
import * as z from 'zod/mini';
import type { AudioShape, SampledFormat } from '#shared/audio/formats.ts';
import { SpeechFault } from '#shared/errors.ts';
import { NORMALIZATION_MODES } from '#shared/text/normalize/normalize-text.ts';
import { parseFields } from './fields.ts';
import { parseSpeechRequest, type SpeechRequest } from './speech-request.ts';

const voiceSettings = z.object({
  stability: z.nullish(z.number().check(z.gte(0), z.lte(1))),
  similarity_boost: z.nullish(z.number()),
  style: z.nullish(z.number()),
  use_speaker_boost: z.nullish(z.boolean()),
  speed: z.nullish(z.number()),
});

export const elevenLabsBody = z.object({
  text: z.string(),
  model_id: z.nullish(z.string()),
  language_code: z.nullish(z.string()),
  voice_settings: z.nullish(voiceSettings),
  apply_text_normalization: z.nullish(z.enum(NORMALIZATION_MODES)),
  seed: z.nullish(z.int().check(z.gte(0), z.lte(4_294_967_295))),
  previous_text: z.nullish(z.string()),
  next_text: z.nullish(z.string()),
  previous_request_ids: z.nullish(z.array(z.string())),
  next_request_ids: z.nullish(z.array(z.string())),
  pronunciation_dictionary_locators: z.nullish(z.array(z.unknown())),
  use_pvc_as_ivc: z.nullish(z.boolean()),
  apply_language_text_normalization: z.nullish(z.boolean()),
  audio_effects: z.nullish(z.record(z.string(), z.unknown())),
});

type ElevenLabsBody = z.infer<typeof elevenLabsBody>;

/** Fields that are read and change nothing. */
const WITHOUT_EFFECT = [
  'language_code',
  'previous_text',
  'next_text',
  'previous_request_ids',
  'next_request_ids',
  'pronunciation_dictionary_locators',
  'use_pvc_as_ivc',
  'apply_language_text_normalization',
  'audio_effects',
] as const satisfies readonly (keyof ElevenLabsBody)[];

const SETTINGS_WITHOUT_EFFECT = ['similarity_boost', 'style', 'use_speaker_boost'] as const;

/** Of the query, likewise. */
export const QUERY_WITHOUT_EFFECT = ['enable_logging', 'optimize_streaming_latency'] as const;

/** What stands in the query, as text. */
type ElevenLabsQuery = Readonly<
  Partial<Record<'output_format' | (typeof QUERY_WITHOUT_EFFECT)[number], string>>
>;

/** What their clients ask for unless told otherwise. */
const USUAL_FORMAT = 'mp3_44100_128';

interface Codec {
  readonly format: SampledFormat;
  /** The bit rates that can be asked for, in kilobits a second; left out where it has none to choose. */
  readonly kilobits?: readonly [min: number, max: number];
}

/** Their names of our formats. Bit rates: the ends of Layer III (ISO 11172-3, 13818-3), and RFC 6716 section 2.1.1. */
const CODECS = new Map<string, Codec>([
  ['mp3', { format: 'mp3', kilobits: [8, 320] }],
  ['opus', { format: 'opus', kilobits: [6, 510] }],
  ['pcm', { format: 'pcm' }],
  ['wav', { format: 'wav' }],
  ['ulaw', { format: 'mulaw' }],
  ['alaw', { format: 'alaw' }],
]);

/** `voice`: of the path. Faults of what is ours alone name our fields. */
export function parseElevenLabsRequest(
  body: unknown,
  voice: string,
  query: ElevenLabsQuery,
): SpeechRequest {
  const fields = parseFields(elevenLabsBody, body);
  const { format, sampleRate, kilobits } = readOutputFormat(query.output_format ?? USUAL_FORMAT);
  const { stability, speed } = fields.voice_settings ?? {};
  const request = parseSpeechRequest({
    // their models are many, ours is one
    model: null,
    input: fields.text,
    voice,
    text_normalization: fields.apply_text_normalization,
    seed: fields.seed,
    response_format: format,
    sample_rate: sampleRate,
    speed,
    ...(stability === undefined || stability === null
      ? {}
      : { temperature: temperatureOf(stability) }),
  });
  const audio = kilobits === undefined ? request.audio : { ...request.audio, kilobits };
  return { ...request, audio, ignored: ignoredFields(fields, query) };
}

/** A codec, a sample rate in samples a second, and kilobits a second where they are asked for. */
function readOutputFormat(
  text: string,
): Pick<AudioShape, 'format' | 'sampleRate'> & { readonly kilobits?: number } {
  const [, name = '', rate, bits] = /^([a-z0-9]+)_(\d+)(?:_(\d+))?$/.exec(text) ?? [];
  const codec = CODECS.get(name);
  if (codec === undefined || rate === undefined) {
    throw wrongFormat(
      `must be a codec (${[...CODECS.keys()].join(', ')}), a sample rate and, where it has one, a bit rate, such as ${USUAL_FORMAT}`,
    );
  }
  const shape = { format: codec.format, sampleRate: Number(rate) };
  if (bits === undefined) return shape;
  if (codec.kilobits === undefined) {
    throw wrongFormat(`has a bit rate, which ${name} has not: leave it out, as in ${name}_8000`);
  }
  const [min, max] = codec.kilobits;
  const kilobits = Number(bits);
  if (kilobits >= min && kilobits <= max) return { ...shape, kilobits };
  throw wrongFormat(`must have a bit rate of ${min} to ${max} kbit/s for ${name}, or none`);
}

function wrongFormat(what: string): SpeechFault {
  return new SpeechFault('invalid_request', `output_format ${what}.`, { param: 'output_format' });
}

/** The steadier, the cooler: 1 at stability 0 as Bark speaks by itself, 0.4 at 1. */
function temperatureOf(stability: number): number {
  return 1 - 0.6 * stability;
}

function ignoredFields(fields: ElevenLabsBody, query: ElevenLabsQuery): readonly string[] {
  const settings = fields.voice_settings ?? {};
  return [
    ...WITHOUT_EFFECT.filter((name) => isGiven(fields[name])),
    ...SETTINGS_WITHOUT_EFFECT.filter((name) => isGiven(settings[name])),
    ...QUERY_WITHOUT_EFFECT.filter((name) => isGiven(query[name])),
  ];
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
