/**
 * Every way a request can fail, once: the HTTP status, the WebSocket close code and whether trying
 * again may help. Inside the house faults carry facts and a cause; outside only code and message.
 */

interface FaultTraits {
  /** HTTP status of the answer, while headers can still be sent. */
  readonly status:
    | 400
    | 401
    | 403
    | 404
    | 405
    | 408
    | 409
    | 413
    | 415
    | 426
    | 429
    | 500
    | 502
    | 503
    | 504;
  /** WebSocket close code when the fault ends the socket; 4xxx is the private range of RFC 6455 section 7.4.2. */
  readonly close: number;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
}

export const FAULTS = {
  invalid_request: { status: 400, close: 4400, retryable: false },
  unauthorized: { status: 401, close: 4401, retryable: false },
  forbidden: { status: 403, close: 4403, retryable: false },
  not_found: { status: 404, close: 4404, retryable: false },
  method_not_allowed: { status: 405, close: 4405, retryable: false },
  model_not_found: { status: 404, close: 4404, retryable: false },
  voice_not_found: { status: 404, close: 4404, retryable: false },
  text_too_long: { status: 413, close: 4413, retryable: false },
  body_too_large: { status: 413, close: 4413, retryable: false },
  unsupported_media_type: { status: 415, close: 4415, retryable: false },
  unsupported_protocol: { status: 426, close: 4426, retryable: false },
  rate_limited: { status: 429, close: 4429, retryable: true },
  insufficient_quota: { status: 429, close: 4429, retryable: false },
  cancelled: { status: 408, close: 4408, retryable: false },
  busy: { status: 503, close: 4503, retryable: true },
  draining: { status: 503, close: 4503, retryable: true },
  backend_unavailable: { status: 503, close: 4502, retryable: true },
  backend_mismatch: { status: 503, close: 4502, retryable: false },
  backend_failed: { status: 502, close: 4502, retryable: true },
  timeout: { status: 504, close: 4504, retryable: true },
  internal: { status: 500, close: 1011, retryable: false },
} as const satisfies Record<string, FaultTraits>;

export type FaultCode = keyof typeof FAULTS;

export function isFaultCode(code: string): code is FaultCode {
  return Object.hasOwn(FAULTS, code);
}

interface FaultOptions {
  readonly cause?: unknown;
  /** Name of the request field at fault, as the caller spells it. */
  readonly param?: string;
  /** How long to wait before trying again, in milliseconds. */
  readonly retryAfterMs?: number;
  /** Which place in the queue the request would have had; 1 is next. */
  readonly position?: number;
}

/** A failure that a caller may see; `message` is safe to show, `cause` is only for the log. */
export class SpeechFault extends Error {
  override readonly name = 'SpeechFault';
  readonly code: FaultCode;
  readonly param: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly position: number | undefined;

  constructor(code: FaultCode, message: string, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.param = options.param;
    this.retryAfterMs = options.retryAfterMs;
    this.position = options.position;
  }

  get traits(): FaultTraits {
    return FAULTS[this.code];
  }

  /** A fault stays itself; anything else becomes `internal`, its text kept from the caller. */
  static from(error: unknown): SpeechFault {
    if (error instanceof SpeechFault) return error;
    return new SpeechFault(
      'internal',
      'Something failed on our side; the log has the request id.',
      {
        cause: error,
      },
    );
  }
}

/** An error of another thread, of which only its description came over. */
export class DescribedCause extends Error {
  override readonly name = 'DescribedCause';
  readonly description: string;

  /** `description` as `describeCause` made it. */
  constructor(description: string) {
    super('An error of another thread.');
    this.description = description;
  }
}

/** What a log may say of an error: its type and stack frames, never its message (it may quote spoken text). */
export function describeCause(error: unknown): string {
  if (error instanceof DescribedCause) return error.description;
  if (!(error instanceof Error)) return typeof error;
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [error.name, ...frames.slice(0, 8).map((line) => line.trim())].join(' < ');
}
