/** The body of an ElevenLabs request in our own words: what has a meaning here, and what is passed over. */
import * as z from 'zod/mini';
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
] as const satisfies readonly (keyof ElevenLabsBody)[];

const SETTINGS_WITHOUT_EFFECT = ['similarity_boost', 'style', 'use_speaker_boost'] as const;

/** What their clients ask for unless told otherwise. */
const USUAL_FORMAT = 'mp3_44100_128';

/** Their names of our formats. */
const CODECS: Readonly<Record<string, string>> = {
  mp3: 'mp3',
  opus: 'opus',
  pcm: 'pcm',
  wav: 'wav',
  ulaw: 'mulaw',
  alaw: 'alaw',
};

/** `voice`: of the path; `outputFormat`: of the query. Faults name the fields as ElevenLabs does. */
export function parseElevenLabsRequest(
  body: unknown,
  voice: string,
  outputFormat: string | undefined,
): SpeechRequest {
  const fields = parseFields(elevenLabsBody, body);
  const [, codec = '', rate, kilobits] =
    /^([a-z0-9]+)_(\d+)(?:_(\d{1,3}))?$/.exec(outputFormat ?? USUAL_FORMAT) ?? [];
  const format = CODECS[codec];
  if (format === undefined || rate === undefined) {
    throw new SpeechFault(
      'invalid_request',
      `output_format must be a codec (${Object.keys(CODECS).join(', ')}), a sample rate and, where it has one, a bit rate, such as ${USUAL_FORMAT}.`,
      { param: 'output_format' },
    );
  }
  const { stability, speed } = fields.voice_settings ?? {};
  const request = parseSpeechRequest({
    // their models are many, ours is one
    model: null,
    input: fields.text,
    voice,
    text_normalization: fields.apply_text_normalization,
    seed: fields.seed,
    response_format: format,
    sample_rate: Number(rate),
    speed,
    ...(stability === undefined || stability === null
      ? {}
      : { temperature: temperatureOf(stability) }),
  });
  const audio =
    kilobits === undefined ? request.audio : { ...request.audio, kilobits: Number(kilobits) };
  return { ...request, audio, ignored: ignoredFields(fields) };
}

/** The steadier, the cooler: 1 at stability 0 as Bark speaks by itself, 0.4 at 1. */
function temperatureOf(stability: number): number {
  return 1 - 0.6 * stability;
}

function ignoredFields(fields: ElevenLabsBody): readonly string[] {
  const settings = fields.voice_settings ?? {};
  return [
    ...WITHOUT_EFFECT.filter((name) => isGiven(fields[name])),
    ...SETTINGS_WITHOUT_EFFECT.filter((name) => isGiven(settings[name])),
  ];
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
