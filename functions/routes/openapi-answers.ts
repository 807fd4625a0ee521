/** What the JSON answers of the edge look like, for its description; tests parse real answers with these. */
import * as z from 'zod/mini';
import { FAULTS, isFaultCode } from '#shared/errors.ts';
import { SCOPES } from '../keys/scopes.ts';

const codes = Object.keys(FAULTS).filter(isFaultCode);
const milliseconds = z.number().check(z.gte(0));
const count = z.int().check(z.gte(0));
const moment = z.iso.datetime();

const errorAnswer = z.strictObject({
  error: z.strictObject({
    message: z.string(),
    type: z.string(),
    param: z.nullable(z.string()),
    code: z.enum(codes),
  }),
});

const elevenLabsError = z.strictObject({
  detail: z.strictObject({
    status: z.enum(codes),
    message: z.string(),
    param: z.nullable(z.string()),
  }),
});

const voice = z.strictObject({
  voice_id: z.string(),
  name: z.string(),
  category: z.string(),
  labels: z.strictObject({ language: z.optional(z.string()) }),
});

const model = z.strictObject({
  id: z.string(),
  object: z.literal('model'),
  created: count,
  owned_by: z.string(),
});

const keyFacts = {
  object: z.literal('api_key'),
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  created_at: moment,
  expires_at: z.nullable(moment),
  revoked_at: z.nullable(moment),
  requests_per_minute: count,
  characters_per_month: z.nullable(count),
  characters_used: count,
};

const stage = z.strictObject({ ms: milliseconds, steps: count });

const sentence = z.strictObject({
  row: count,
  origin: z.enum(['spoken', 'joined', 'kept']),
  /** Of a joined one: the request that it was spoken for. */
  leader: z.optional(z.string()),
  outcome: z.string(),
  samples: count,
  queue_ms: z.optional(milliseconds),
  first_audio_ms: z.optional(milliseconds),
  total_ms: z.optional(milliseconds),
  semantic: z.optional(stage),
  coarse: z.optional(stage),
  fine: z.optional(stage),
  codec: z.optional(stage),
});

/** Counts and times, as `speech.audio.done` has them; more may come. */
const speechFacts = {
  usage: z.strictObject({ input_tokens: count, output_tokens: count, total_tokens: count }),
  take: z.string(),
  model: z.string(),
  voice: z.nullable(z.string()),
  seed: count,
  samples: count,
  sentences: count,
  origins: z.array(z.enum(['spoken', 'joined', 'kept'])),
  queue_ms: z.array(milliseconds),
  first_audio_ms: z.array(milliseconds),
  semantic_ms: milliseconds,
  coarse_ms: milliseconds,
  fine_ms: milliseconds,
  codec_ms: milliseconds,
  encode_ms: milliseconds,
};

const times = z.array(z.number());
const alignment = z.strictObject({
  characters: z.array(z.string()),
  character_start_times_seconds: times,
  character_end_times_seconds: times,
});

export const ANSWERS = {
  Error: errorAnswer,
  ElevenLabsError: elevenLabsError,
  Health: z.strictObject({ status: z.literal('ok'), model: z.string() }),
  Voice: voice,
  VoiceList: z.strictObject({
    voices: z.array(voice),
    default_voice_id: z.nullable(z.string()),
  }),
  VoicePage: z.strictObject({
    voices: z.array(voice),
    has_more: z.boolean(),
    total_count: count,
    next_page_token: z.nullable(z.string()),
  }),
  Model: model,
  ModelList: z.strictObject({ object: z.literal('list'), data: z.array(model) }),
  Key: z.strictObject(keyFacts),
  NewKey: z.strictObject({ ...keyFacts, key: z.string() }),
  KeyList: z.strictObject({ object: z.literal('list'), data: z.array(z.strictObject(keyFacts)) }),
  Token: z.strictObject({ token: z.string(), expires_at: moment }),
  Usage: z.union([
    z.strictObject({ counted: z.literal(false) }),
    z.strictObject({
      counted: z.literal(true),
      month: z.string(),
      characters_used: count,
      characters_per_month: z.nullable(count),
      requests_per_minute: count,
      requests_left: count,
    }),
  ]),
  AudioUrl: z.strictObject({
    object: z.literal('audio.url'),
    url: z.url(),
    captions: z.strictObject({ vtt: z.url(), srt: z.url() }),
    expires_at: moment,
  }),
  SpeechRecord: z.strictObject({
    id: z.string(),
    object: z.literal('speech.request'),
    sentences: z.array(sentence),
  }),
  Take: z.looseObject({
    object: z.literal('speech.take'),
    id: z.string(),
    sample_rate: count,
    ...speechFacts,
  }),
  TimedSpeech: z.strictObject({
    audio_base64: z.string(),
    alignment: z.nullable(alignment),
    normalized_alignment: z.null(),
  }),
  SpeechEvent: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('speech.audio.delta'), audio: z.string() }),
    z.looseObject({ type: z.literal('speech.audio.done'), ...speechFacts }),
    z.strictObject({ type: z.literal('error'), error: errorAnswer.shape.error }),
  ]),
};

export type AnswerName = keyof typeof ANSWERS;
