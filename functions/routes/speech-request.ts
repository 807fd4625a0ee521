/** The body of a speech request: OpenAI's fields and ours. Unknown fields are ignored, wrong ones named. */
import { z } from 'zod/mini';
import {
  DEFAULT_FORMAT,
  FORMAT_NAMES,
  FORMATS,
  hasRate,
  isFormatName,
  MAX_RATE,
  MAX_SPEED,
  MIN_RATE,
  MIN_SPEED,
  WAV_ENCODINGS,
  type AudioFormat,
  type AudioShape,
  type CodesShape,
  type FormatName,
} from '#shared/audio/formats.ts';
import { SpeechFault } from '#shared/errors.ts';
import { NORMALIZATION_MODES } from '#shared/text/normalize/normalize-text.ts';
import type { SpeechOrder } from '../speech/begin-speech.ts';
import { interpretInstructions } from '../text/instructions.ts';

/** Longest text of one request, in code points, as OpenAI has it. */
export const MAX_INPUT_CHARACTERS = 4_096;

const temperature = z.optional(z.nullable(z.number().check(z.gt(0), z.lte(100))));
const topK = z.optional(z.nullable(z.int().check(z.gte(1))));
const topP = z.optional(z.nullable(z.number().check(z.gt(0), z.lte(1))));
const flag = z.optional(z.boolean());

export const speechBody = z.object({
  model: z.nullish(z.string()),
  input: z.string(),
  voice: z.nullish(z.union([z.string(), z.object({ id: z.string() })])),
  response_format: z.nullish(z.string()),
  speed: z.nullish(z.number().check(z.gte(MIN_SPEED), z.lte(MAX_SPEED))),
  encoding: z.nullish(z.enum(WAV_ENCODINGS)),
  sample_rate: z.nullish(z.int().check(z.gte(MIN_RATE), z.lte(MAX_RATE))),
  instructions: z.nullish(z.string()),
  stream_format: z.nullish(z.enum(['audio', 'sse'])),
  seed: z.nullish(z.int().check(z.gte(0))),
  latency: z.nullish(z.enum(['exact', 'balanced', 'fast'])),
  text_normalization: z.nullish(z.enum(NORMALIZATION_MODES)),
  temperature,
  top_k: topK,
  top_p: topP,
  do_sample: flag,
  semantic_temperature: temperature,
  semantic_top_k: topK,
  semantic_top_p: topP,
  semantic_do_sample: flag,
  coarse_temperature: temperature,
  coarse_top_k: topK,
  coarse_top_p: topP,
  coarse_do_sample: flag,
  fine_temperature: temperature,
  min_eos_p: z.optional(z.nullable(z.number().check(z.gt(0), z.lt(1)))),
});

type SpeechBody = z.infer<typeof speechBody>;

const TEMPERATURE = 'a number above 0 and at most 100, or null for 1';
const TOP_K = 'an integer of at least 1, or null to keep all';
const TOP_P = 'a number above 0 and at most 1, or null to keep all';
const FLAG = 'true or false';

/** What each field takes, as its error says it. */
const EXPECTED: Readonly<Record<keyof SpeechBody, string>> = {
  model: 'a string',
  input: 'a string, the text to speak',
  voice: 'a string or an object with an id',
  response_format: `one of ${FORMAT_NAMES.join(', ')}`,
  speed: `a number in ${MIN_SPEED}..${MAX_SPEED}`,
  encoding: `one of ${WAV_ENCODINGS.join(', ')}`,
  sample_rate: `an integer in ${MIN_RATE}..${MAX_RATE}`,
  instructions: 'a string',
  stream_format: 'audio or sse',
  seed: `an integer in 0..${Number.MAX_SAFE_INTEGER}`,
  latency: 'exact, balanced or fast',
  text_normalization: 'auto, on or off',
  temperature: TEMPERATURE,
  top_k: TOP_K,
  top_p: TOP_P,
  do_sample: FLAG,
  semantic_temperature: TEMPERATURE,
  semantic_top_k: TOP_K,
  semantic_top_p: TOP_P,
  semantic_do_sample: FLAG,
  coarse_temperature: TEMPERATURE,
  coarse_top_k: TOP_K,
  coarse_top_p: TOP_P,
  coarse_do_sample: FLAG,
  fine_temperature: TEMPERATURE,
  min_eos_p: 'a number above 0 and below 1, or null to switch it off',
};

/** Every field that has a meaning, as callers spell it. */
export const SPEECH_FIELDS: readonly string[] = Object.keys(EXPECTED);

/** A request that can be spoken, as far as it can tell by itself. */
export interface SpeechRequest {
  /** Undefined takes the staged one. */
  readonly model: string | undefined;
  readonly order: SpeechOrder;
  readonly characters: number;
  readonly audio: AudioShape | CodesShape;
  readonly delivery: 'audio' | 'sse';
  /** Fields that were understood and have no effect. */
  readonly ignored: readonly string[];
  /** What was understood of `instructions`, such as `cue=[laughs]`. */
  readonly understood: readonly string[];
}

/** Reads a parsed JSON body; `invalid_request` that names the field and what it takes, never its value. */
export function parseSpeechRequest(
  value: unknown,
  maxCharacters: number = MAX_INPUT_CHARACTERS,
): SpeechRequest {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SpeechFault('invalid_request', 'The body must be a JSON object.');
  }
  const parsed = speechBody.safeParse(value);
  if (!parsed.success) {
    const field = String(parsed.error.issues[0]?.path[0]);
    const expected = Object.entries(EXPECTED).find(([name]) => name === field)?.[1];
    throw invalid(field, `must be ${expected ?? 'valid'}`);
  }
  const body = parsed.data;
  const audio = audioShape(body);
  const wish = interpretInstructions(body.instructions ?? '');
  return {
    model: body.model ?? undefined,
    order: {
      text: body.input,
      content: audio.format === 'codes' ? 'codes' : 'samples',
      voice: typeof body.voice === 'object' && body.voice !== null ? body.voice.id : body.voice,
      options: speechOptions({
        ...body,
        temperature: either(body.temperature, wish.temperature ?? undefined),
      }),
      latency: body.latency ?? undefined,
      normalization: body.text_normalization ?? 'auto',
      manner: wish.manner,
      seed: body.seed ?? undefined,
    },
    characters: checkedLength(body.input, maxCharacters),
    audio,
    delivery: body.stream_format ?? 'audio',
    ignored: isGiven(body.instructions) && wish.understood.length === 0 ? ['instructions'] : [],
    understood: wish.understood,
  };
}

/** The same fields as a query string: numbers, flags and null are written as in JSON, all else is text. */
export function parseSpeechQuery(query: URLSearchParams): SpeechRequest {
  const body = [...query].map(([name, text]) => [name, queryValue(name, text)] as const);
  return parseSpeechRequest(Object.fromEntries(body));
}

/** The fields of a query that say into what is spoken. */
export function parseAudioQuery(query: URLSearchParams): AudioShape | CodesShape {
  const fields = ['response_format', 'encoding', 'sample_rate', 'speed'];
  const asked = [...query].filter(([name]) => fields.includes(name));
  // any text will do where none is asked for
  return parseSpeechQuery(new URLSearchParams([...asked, ['input', '-']])).audio;
}

/** Fields that are text even where they look like something else. */
const TEXT_FIELDS: ReadonlySet<string> = new Set(['input', 'instructions', 'model', 'voice']);

/** Numbers (RFC 8259 section 6), flags and null. */
const JSON_SCALAR = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)$/;

function queryValue(name: string, text: string): unknown {
  if (TEXT_FIELDS.has(name)) return text;
  return JSON_SCALAR.test(text) ? JSON.parse(text) : text;
}

/** An unprefixed choice holds for every stage that has it, a prefixed one for its own stage, as in the reference. */
function speechOptions(body: SpeechBody): SpeechOrder['options'] {
  return {
    semantic: {
      doSample: either(body.semantic_do_sample, body.do_sample),
      temperature: either(body.semantic_temperature, body.temperature),
      topK: either(body.semantic_top_k, body.top_k),
      topP: either(body.semantic_top_p, body.top_p),
      minEosP: body.min_eos_p,
    },
    coarse: {
      doSample: either(body.coarse_do_sample, body.do_sample),
      temperature: either(body.coarse_temperature, body.temperature),
      topK: either(body.coarse_top_k, body.top_k),
      topP: either(body.coarse_top_p, body.top_p),
    },
    fine: { temperature: either(body.fine_temperature, body.temperature) },
  };
}

/** Null is a choice here, so `??` would not do. */
function either<Value>(own: Value | undefined, shared: Value | undefined): Value | undefined {
  return own === undefined ? shared : own;
}

function checkedLength(input: string, maxCharacters: number): number {
  // not String.length: a code point beyond the first plane is one character
  let characters = 0;
  for (const _ of input) characters += 1;
  if (characters > maxCharacters) {
    throw new SpeechFault(
      'text_too_long',
      `input has ${characters} characters; one request takes ${maxCharacters}.`,
      { param: 'input' },
    );
  }
  if (input.trim() === '') throw invalid('input', 'must hold something to speak');
  return characters;
}

function checkedFormat(name: string): FormatName {
  if (isFormatName(name)) return name;
  throw invalid('response_format', `must be ${EXPECTED.response_format}`);
}

function audioShape(body: SpeechBody): AudioShape | CodesShape {
  const name = checkedFormat(body.response_format ?? DEFAULT_FORMAT);
  const format: AudioFormat = FORMATS[name];
  const encoding = body.encoding ?? 'linear16';
  if (isGiven(body.encoding) && name !== 'wav') {
    throw invalid('encoding', 'is for response_format wav; mulaw and alaw are formats too');
  }
  const sampleRate =
    body.sample_rate ?? (encoding === 'linear16' ? format : FORMATS[encoding]).defaultRate;
  if (!hasRate(format, sampleRate)) {
    throw invalid('sample_rate', `must be one of ${format.rates?.join(', ')} for ${name}`);
  }
  const speed = body.speed ?? 1;
  if (name === 'codes') {
    if (speed === 1) return { format: name, sampleRate, speed };
    throw invalid('speed', 'must be 1 for codes; change it where they are played');
  }
  return {
    format: name,
    sampleRate,
    speed,
    ...(encoding === 'linear16' ? {} : { encoding }),
  };
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function invalid(field: string, what: string): SpeechFault {
  return new SpeechFault('invalid_request', `${field} ${what}.`, { param: field });
}
