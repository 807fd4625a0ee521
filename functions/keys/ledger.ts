/** The book of one key, as pure arithmetic: who it is, how fast it may ask, how much it may still have spoken. */
import type { FaultCode } from '#shared/errors.ts';
import type { Scope } from './scopes.ts';

/** Of a new key, unless told otherwise. */
export const USUAL_REQUESTS_PER_MINUTE = 120;

/** What is kept of a key; never the key. */
export interface KeyRecord {
  readonly id: string;
  readonly name: string;
  /** SHA-256 of the secret, in base64url. */
  readonly secretHash: string;
  readonly scopes: readonly Scope[];
  readonly createdMs: number;
  /** Null never. */
  readonly expiresMs: number | null;
  readonly revokedMs: number | null;
  readonly requestsPerMinute: number;
  /** Characters (code points) a calendar month in UTC; null is unbounded. */
  readonly charactersPerMonth: number | null;
}

/** What has been used. The bucket refills steadily and holds a minute's requests at most. */
export interface KeyUsage {
  /** Requests that may be made at once, at `atMs`. */
  readonly bucket: number;
  readonly atMs: number;
  /** Such as 2026-11. */
  readonly month: string;
  readonly characters: number;
}

export interface AdmissionRequest {
  /** Null when a signature of ours stands for the secret. */
  readonly secretHash: string | null;
  readonly scope: Scope;
  /** Of the text, in code points. */
  readonly characters: number;
  /** As how many it counts; 1 when left out, 0 of one that only asks what is left. */
  readonly requests?: number;
  readonly nowMs: number;
}

/** `retryAfterMs` says when trying again can help. */
export interface Refusal {
  readonly code: FaultCode;
  readonly message: string;
  readonly retryAfterMs?: number;
}

/** What a caller is told of its limits. */
export interface Allowance {
  readonly month: string;
  readonly requestsPerMinute: number;
  readonly requestsLeft: number;
  readonly charactersPerMonth: number | null;
  readonly charactersUsed: number;
}

export interface Ruling {
  readonly usage: KeyUsage;
  readonly allowance: Allowance;
  readonly refusal: Refusal | null;
}

export function freshUsage(record: KeyRecord, nowMs: number): KeyUsage {
  return { bucket: record.requestsPerMinute, atMs: nowMs, month: monthOf(nowMs), characters: 0 };
}

/** Takes a request and its characters off, or says why not; a refused one takes nothing. */
export function admit(record: KeyRecord, before: KeyUsage, request: AdmissionRequest): Ruling {
  const usage = refilled(record, before, request.nowMs);
  const refusal = objection(record, usage, request);
  const after =
    refusal === null
      ? {
          ...usage,
          bucket: usage.bucket - (request.requests ?? 1),
          characters: usage.characters + request.characters,
        }
      : usage;
  return { usage: after, allowance: allowanceOf(record, after), refusal };
}

/** Gives characters back that were not spoken, if their month is not over. */
export function refund(usage: KeyUsage, characters: number, month: string): KeyUsage {
  if (usage.month !== month) return usage;
  return { ...usage, characters: Math.max(0, usage.characters - characters) };
}

export function allowanceOf(record: KeyRecord, usage: KeyUsage): Allowance {
  return {
    month: usage.month,
    requestsPerMinute: record.requestsPerMinute,
    requestsLeft: Math.max(0, Math.floor(usage.bucket)),
    charactersPerMonth: record.charactersPerMonth,
    charactersUsed: usage.characters,
  };
}

export function refilled(record: KeyRecord, usage: KeyUsage, nowMs: number): KeyUsage {
  const month = monthOf(nowMs);
  const grown = (Math.max(0, nowMs - usage.atMs) / 60_000) * record.requestsPerMinute;
  return {
    bucket: Math.min(record.requestsPerMinute, usage.bucket + grown),
    atMs: Math.max(nowMs, usage.atMs),
    month,
    characters: usage.month === month ? usage.characters : 0,
  };
}

function objection(
  record: KeyRecord,
  usage: KeyUsage,
  { scope, characters, requests = 1, nowMs }: AdmissionRequest,
): Refusal | null {
  if (record.revokedMs !== null) {
    return { code: 'unauthorized', message: 'This API key has been revoked.' };
  }
  if (record.expiresMs !== null && nowMs >= record.expiresMs) {
    return { code: 'unauthorized', message: 'This API key has expired.' };
  }
  if (!record.scopes.includes(scope)) {
    return {
      code: 'forbidden',
      message: `This API key lacks the scope ${scope}; it has ${record.scopes.join(', ') || 'none'}.`,
    };
  }
  const { requestsPerMinute, charactersPerMonth } = record;
  if (usage.bucket < requests) {
    return {
      code: 'rate_limited',
      message: `This API key may make ${requestsPerMinute} requests a minute.`,
      retryAfterMs: Math.ceil(((1 - usage.bucket) * 60_000) / requestsPerMinute),
    };
  }
  if (charactersPerMonth !== null && usage.characters + characters > charactersPerMonth) {
    return {
      code: 'insufficient_quota',
      message:
        `This API key has ${Math.max(0, charactersPerMonth - usage.characters)} of its ` +
        `${charactersPerMonth} characters left this month (UTC), and the text has ${characters}.`,
    };
  }
  return null;
}

function monthOf(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 7);
}
