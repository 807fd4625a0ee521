/** What went wrong, in words for who listens, with what can be done about it. */

/** An answer of the edge that is no sound. */
export class ApiFault extends Error {
  override readonly name = 'ApiFault';
  readonly code: string;
  readonly retryAfterSeconds: number | null;

  constructor(message: string, code: string, retryAfterSeconds: number | null = null) {
    super(message);
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** A sound that came and can not be played here. */
export class Unplayable extends Error {
  override readonly name = 'Unplayable';
}

/** What can be done, by the code of the fault; the edge's own words come before it. */
const REMEDIES: Readonly<Record<string, string>> = {
  unauthorized: 'Open "API key" and enter one that is valid here.',
  forbidden: 'Take a key that has the scopes "speech" and "read".',
  insufficient_quota: 'The key needs more characters, or wait for the next month.',
  rate_limited: 'Wait a little and speak again.',
  busy: 'Others are being spoken to; try again.',
  draining: 'The engine is being restarted; try again in a minute.',
  backend_unavailable:
    'See that the inference server runs (npm start starts both), then speak again.',
  backend_mismatch: 'Stage the checkpoint that the inference server has: npm run stage.',
  timeout: 'Try again, or with a shorter text.',
  backend_failed: 'Try again; if it fails again, the log of the inference server says why.',
  not_found: 'It is no longer kept: speak the text again.',
};

export function inWords(error: unknown): string {
  if (error instanceof ApiFault) {
    const { code, message, retryAfterSeconds } = error;
    const when = retryAfterSeconds === null ? '' : ` It may be free in ${retryAfterSeconds} s.`;
    return [message, REMEDIES[code] ?? ''].join(' ').trim() + when;
  }
  if (error instanceof Unplayable) return error.message;
  if (error instanceof TypeError) {
    return 'The edge can not be reached. See that it still runs, and that you are online; then try again.';
  }
  return 'Something failed on this page. Reload it and try again.';
}

/** The fault that an answer tells, whatever shape it has. */
export async function faultOf(response: Response): Promise<ApiFault> {
  const body: unknown = await response.json().catch(() => null);
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
  return describedFault(
    Object(body).error,
    `The edge answered ${response.status}.`,
    Number.isFinite(seconds) ? seconds : null,
  );
}

/** `error`: as OpenAI's shape has it. */
export function describedFault(
  error: unknown,
  otherwise: string,
  retryAfterSeconds: number | null = null,
): ApiFault {
  const { message, code } = Object(error);
  return new ApiFault(
    typeof message === 'string' ? message : otherwise,
    typeof code === 'string' ? code : 'internal',
    retryAfterSeconds,
  );
}
