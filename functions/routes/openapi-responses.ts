/** What answers have in common, for the description: headers, audio, and how a request can fail. */
import { FORMAT_NAMES, FORMATS, isFormatName } from '#shared/audio/formats.ts';
import { FAULTS, type FaultCode } from '#shared/errors.ts';
import type { AnswerName } from './openapi-answers.ts';
import { reference, type Json } from './openapi-schemas.ts';

const text = { type: 'string' };
const number = { type: 'integer', minimum: 0 };

/** Headers of answers, each with its meaning. */
export const HEADERS: Readonly<Record<string, Json>> = {
  'X-Request-Id': header(
    'Names the request in the log; one sent along (A-Z a-z 0-9 _ - =) is kept.',
  ),
  'X-Take-Id': header(
    'Names this sound: same words, voice, seed, options, latency and model, same id.',
  ),
  'X-Cache': header('Whether it was kept from before.', {
    ...text,
    enum: ['HIT', 'PARTIAL', 'MISS', 'BYPASS'],
  }),
  'X-Seed': header('The seed that was used.', number),
  'X-Model': header('The model that speaks.'),
  'X-Voice': header('The voice that speaks.'),
  'X-Ignored-Fields': header(
    'Fields that were understood and have no effect, where there are any.',
  ),
  'Server-Timing': header('Milliseconds of the steps until the first sentence was accepted.'),
  'Preference-Applied': header('How long the caller waits, where `Prefer: wait=` asked for it.'),
  'X-RateLimit-Limit-Requests': header('Requests a minute of the key.', number),
  'X-RateLimit-Remaining-Requests': header('Those left now.', number),
  'X-Characters-Limit': header('Characters a month, where the key has a limit.', number),
  'X-Characters-Remaining': header('Those left.', number),
  'Retry-After': header('Seconds after which it may be tried again.', number),
  'X-Should-Retry': header('Whether trying again may help.', text),
  'X-Queue-Position': header('With `busy`: the place in the queue that it would have had.', number),
  ETag: header('Of a finished file.'),
  'Content-Range': header('Which part of a file this is.'),
};

const EVERYWHERE = ['X-Request-Id'];
const LIMITS = [
  'X-RateLimit-Limit-Requests',
  'X-RateLimit-Remaining-Requests',
  'X-Characters-Limit',
  'X-Characters-Remaining',
];

export const SPEECH_HEADERS: readonly string[] = [
  'X-Take-Id',
  'X-Cache',
  'X-Seed',
  'X-Model',
  'X-Voice',
  'X-Ignored-Fields',
  'Server-Timing',
  'Preference-Applied',
  ...LIMITS,
];

/** Why a request may fail before a route has begun: no key, a wrong one, too many requests. */
export const KEY_FAULTS: readonly FaultCode[] = ['unauthorized', 'forbidden', 'rate_limited'];

export const BODY_FAULTS: readonly FaultCode[] = [
  'invalid_request',
  'body_too_large',
  'unsupported_media_type',
];

export const SPEECH_FAULTS: readonly FaultCode[] = [
  'invalid_request',
  'model_not_found',
  'voice_not_found',
  'text_too_long',
  'insufficient_quota',
  'busy',
  'draining',
  'backend_unavailable',
  'backend_mismatch',
  'backend_failed',
  'timeout',
];

export function jsonAnswer(description: string, name: AnswerName): Json {
  return {
    description,
    headers: headerReferences(LIMITS),
    content: { 'application/json': { schema: reference(name) } },
  };
}

export function answer(description: string, content: Json, headers: readonly string[] = []): Json {
  return { description, headers: headerReferences(headers), content };
}

/** Every format as content, under its media type; parameters of it that depend on the request are left out. */
export function audioContent(): Json {
  const types = FORMAT_NAMES.filter(isFormatName).map((name) => {
    const { mediaType, defaultRate } = FORMATS[name];
    return mediaType(defaultRate).replace(/;rate=.*/, '');
  });
  return Object.fromEntries(types.map((type) => [type, {}]));
}

export function textContent(mediaType: string): Json {
  return { [mediaType]: { schema: text } };
}

/** One answer a status; codes that share one are told together. */
export function failures(codes: readonly FaultCode[], shape: AnswerName = 'Error'): Json {
  const all: readonly FaultCode[] = [...new Set([...codes, 'internal' as const])];
  const statuses = [...new Set(all.map((code) => FAULTS[code].status))].toSorted((a, b) => a - b);
  return Object.fromEntries(
    statuses.map((status) => {
      const here = all.filter((code) => FAULTS[code].status === status);
      const retries = here.some((code) => FAULTS[code].retryable);
      return [
        String(status),
        {
          description: here.map((code) => `\`${code}\``).join(', '),
          headers: headerReferences([
            'X-Should-Retry',
            ...(retries ? ['Retry-After'] : []),
            ...(here.includes('busy') ? ['X-Queue-Position'] : []),
          ]),
          content: { 'application/json': { schema: reference(shape) } },
        },
      ];
    }),
  );
}

function headerReferences(names: readonly string[]): Json {
  const all = [...EVERYWHERE, ...names];
  return Object.fromEntries(all.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

function header(description: string, schema: Json = text): Json {
  return { description, schema };
}
