/** A fault as HTTP, in the shape of OpenAI's errors, so that their clients raise the error they have for it. */
import { SpeechFault } from '#shared/errors.ts';

interface ErrorBody {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string;
}

export function errorBody(fault: SpeechFault): ErrorBody {
  return {
    message: fault.message,
    type: errorType(fault.traits.status),
    param: fault.param ?? null,
    code: fault.code,
  };
}

export function faultResponse(error: unknown): Response {
  const fault = SpeechFault.from(error);
  return respond(fault, { error: errorBody(fault) });
}

/** Our fields at ElevenLabs: what a fault names, and in which words. */
const THEIR_FIELDS = new Map([
  ['input', { param: 'text', words: 'text' }],
  ['speed', { param: 'voice_settings.speed', words: 'voice_settings.speed' }],
  ['sample_rate', { param: 'output_format', words: 'the sample rate of output_format' }],
]);

/** The same in the shape of ElevenLabs' errors, with their names of our fields. */
export function elevenLabsFault(error: unknown): Response {
  const fault = SpeechFault.from(error);
  const { message, param, code } = errorBody(fault);
  const theirs = THEIR_FIELDS.get(param ?? '');
  const detail =
    param === null || theirs === undefined
      ? { message, param }
      : { message: message.replace(param, theirs.words), param: theirs.param };
  return respond(fault, { detail: { status: code, ...detail } });
}

function respond(fault: SpeechFault, body: unknown): Response {
  const { status, retryable } = fault.traits;
  const retryAfter =
    fault.retryAfterMs === undefined
      ? {}
      : { 'Retry-After': String(Math.ceil(fault.retryAfterMs / 1_000)) };
  return Response.json(body, {
    status,
    headers: {
      'Cache-Control': 'no-store',
      // OpenAI's clients retry every 5xx unless they are told that it is in vain
      'X-Should-Retry': String(retryable),
      ...retryAfter,
      ...(fault.position === undefined ? {} : { 'X-Queue-Position': String(fault.position) }),
      ...(status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}),
    },
  });
}

function errorType(status: number): string {
  if (status === 401) return 'authentication_error';
  if (status === 403) return 'permission_error';
  if (status === 429) return 'rate_limit_error';
  return status < 500 ? 'invalid_request_error' : 'server_error';
}
