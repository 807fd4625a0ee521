/** The bodies that are taken and the answers that are given, as JSON Schema, with what each field means. */
import * as z from 'zod/mini';
import { DEFAULT_FORMAT, FORMAT_NAMES, FORMATS } from '#shared/audio/formats.ts';
import { UrlFields } from './audio-urls.ts';
import { elevenLabsBody } from './elevenlabs-request.ts';
import { KeyFields } from './keys.ts';
import { ANSWERS } from './openapi-answers.ts';
import { MAX_INPUT_CHARACTERS, speechBody } from './speech-request.ts';
import { TokenFields } from './tokens.ts';

export type Json = Readonly<Record<string, unknown>>;

type FieldOf<Schema extends z.ZodMiniType> = keyof z.output<Schema>;

const TEMPERATURE = 'How freely tokens are drawn; null is 1. Without it, as the checkpoint says.';
const TOP_K = 'Draw among the this many likeliest; null keeps all.';
const TOP_P = 'Draw among the likeliest that together have this probability; null keeps all.';
const DO_SAMPLE = 'Draw tokens, or take the likeliest each time.';
const ONE_STAGE = 'The same for one stage; beats the field without a prefix.';
const NORMALIZATION =
  'Whether numbers, markup and addresses are spoken as they are read: `auto` where the language of the voice is known, `on`, or `off`.';
export const WITHOUT_EFFECT = 'Read, changes nothing; `X-Ignored-Fields` says so.';

const SPEECH: Readonly<Record<FieldOf<typeof speechBody>, string>> = {
  model: 'The staged model or another name of it (`tts-1`, ...); see `/v1/models`.',
  input: `The text to speak, at most ${MAX_INPUT_CHARACTERS} characters. Cues such as [laughs] are acted, ♪ lyrics ♪ are sung.`,
  voice:
    "A voice of `/v1/voices`, by its id or as an object with it, or one of OpenAI's names. Without it the default voice speaks.",
  response_format:
    'The audio format; `codes` are those of the codec, 6 kbit/s, for listeners that decode them (`/v1/codec`).',
  speed: 'How many times as fast, at the same pitch.',
  encoding:
    'How a wav holds its samples: `linear16` (16 bits), or `mulaw` or `alaw` (G.711) for telephone systems.',
  sample_rate: `Samples a second, one that the format has; ${FORMATS.mp3.defaultRate} when left out, ${FORMATS.mulaw.defaultRate} for mulaw and alaw.`,
  instructions:
    'A wish in English words, of which Bark can do cues (laugh, sigh, gasp, clear your throat), singing and how freely it speaks; `X-Applied-Instructions` says what was understood.',
  stream_format: 'The audio itself, or server-sent events that hold it.',
  seed: 'Chooses the take: same seed, same sound. Without it one is derived from voice, options, latency mode and model.',
  latency:
    'How the sound is divided into pieces: `exact` as the reference does, `balanced`, or `fast` with a shorter memory.',
  text_normalization: NORMALIZATION,
  temperature: TEMPERATURE,
  top_k: TOP_K,
  top_p: TOP_P,
  do_sample: DO_SAMPLE,
  semantic_temperature: ONE_STAGE,
  semantic_top_k: ONE_STAGE,
  semantic_top_p: ONE_STAGE,
  semantic_do_sample: ONE_STAGE,
  coarse_temperature: ONE_STAGE,
  coarse_top_k: ONE_STAGE,
  coarse_top_p: ONE_STAGE,
  coarse_do_sample: ONE_STAGE,
  fine_temperature: ONE_STAGE,
  min_eos_p:
    'Ends a sentence as soon as its end is this likely; 0.05 to 0.2 cuts invented tails; null switches it off.',
};

const ELEVENLABS: Readonly<Record<FieldOf<typeof elevenLabsBody>, string>> = {
  text: `The text to speak, at most ${MAX_INPUT_CHARACTERS} characters.`,
  model_id: 'Any; the staged model speaks.',
  voice_settings: '`speed`, and `stability`: 0 to 1 stands for a temperature of 1 to 0.4.',
  apply_text_normalization: NORMALIZATION,
  seed: 'Chooses the take.',
  language_code: WITHOUT_EFFECT,
  previous_text: WITHOUT_EFFECT,
  next_text: WITHOUT_EFFECT,
  previous_request_ids: WITHOUT_EFFECT,
  next_request_ids: WITHOUT_EFFECT,
  pronunciation_dictionary_locators: WITHOUT_EFFECT,
  use_pvc_as_ivc: WITHOUT_EFFECT,
  apply_language_text_normalization: WITHOUT_EFFECT,
  audio_effects: WITHOUT_EFFECT,
};

const KEY: Readonly<Record<FieldOf<typeof KeyFields>, string>> = {
  name: 'What you call it.',
  scopes:
    '`speech` speaks and signs URLs, `read` lists, `tokens` makes browser tokens, `keys` administers.',
  expires_in_seconds: 'Until it expires; null never.',
  requests_per_minute: 'Most requests in a minute.',
  characters_per_month: 'Most characters spoken in a month of UTC; null unbounded.',
};

const TOKEN: Readonly<Record<FieldOf<typeof TokenFields>, string>> = {
  expires_in_seconds: 'Until it expires.',
  scopes: 'What it is good for, never more than its key.',
  origin: 'The one origin whose pages may use it.',
};

const URL_FIELDS: Readonly<Record<FieldOf<typeof UrlFields>, string>> = {
  expires_in_seconds: 'Until the URL plays no more.',
};

const speechRequest = object(speechBody, SPEECH, {
  response_format: { type: ['string', 'null'], enum: [...FORMAT_NAMES, null] },
});

/** Every schema that the description refers to, by name. */
export function componentSchemas(): Record<string, Json> {
  return {
    SpeechRequest: speechRequest,
    ElevenLabsRequest: object(elevenLabsBody, ELEVENLABS),
    NewKeyRequest: object(KeyFields, KEY),
    TokenRequest: object(TokenFields, TOKEN),
    AudioUrlRequest: {
      allOf: [reference('SpeechRequest'), object(UrlFields, URL_FIELDS)],
    },
    ...Object.fromEntries(
      Object.entries(ANSWERS).map(([name, schema]) => [name, plainSchema(schema)]),
    ),
  };
}

export function reference(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

/** The fields of a speech request as they stand in a query: name, schema and meaning. */
export function speechFields(): readonly (readonly [string, Json])[] {
  return Object.entries(propertiesOf(speechRequest));
}

function object(
  schema: z.ZodMiniType,
  meanings: Readonly<Record<string, string>>,
  others: Readonly<Record<string, Json>> = {},
): Json {
  const plain = plainSchema(schema);
  const properties = Object.entries(propertiesOf(plain)).map(([name, property]) => [
    name,
    { description: meanings[name], ...property, ...others[name], ...usual(name) },
  ]);
  return { ...plain, properties: Object.fromEntries(properties) };
}

/** What an optional field stands for when it is left out, where the schema itself does not say. */
function usual(name: string): Json {
  const defaults: Json = {
    response_format: DEFAULT_FORMAT,
    stream_format: 'audio',
    speed: 1,
    latency: 'balanced',
  };
  return name in defaults ? { default: defaults[name] } : {};
}

function propertiesOf({ properties }: Json): Record<string, Json> {
  return Object.fromEntries(Object.entries(properties ?? {}));
}

function plainSchema(schema: z.ZodMiniType): Json {
  const { $schema: _, ...plain } = z.toJSONSchema(schema, { io: 'input' });
  return plain;
}
