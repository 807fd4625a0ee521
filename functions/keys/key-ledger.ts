/** The ledger of one key: a Durable Object, so that limits hold however many requests come at once, anywhere. */
import { DurableObject } from 'cloudflare:workers';
import { timingSafeEqual } from 'hono/utils/buffer';
import {
  admit,
  allowanceOf,
  freshUsage,
  refilled,
  refund,
  type AdmissionRequest,
  type Allowance,
  type KeyRecord,
  type KeyUsage,
  type Refusal,
} from './ledger.ts';

export interface LedgerAnswer {
  readonly refusal: Refusal | null;
  /** Null of a key that does not exist. */
  readonly allowance: Allowance | null;
}

const RECORD = 'record';
const USAGE = 'usage';

const UNKNOWN: LedgerAnswer = {
  refusal: { code: 'unauthorized', message: 'This API key is not known here.' },
  allowance: null,
};

export class KeyLedger extends DurableObject {
  open(record: KeyRecord): void {
    this.ctx.storage.kv.put(RECORD, record);
    this.ctx.storage.kv.put(USAGE, freshUsage(record, record.createdMs));
  }

  async admit(request: AdmissionRequest): Promise<LedgerAnswer> {
    const { secretHash } = request;
    const hash = this.#read()?.record.secretHash;
    if (hash === undefined) return UNKNOWN;
    if (secretHash !== null && !(await timingSafeEqual(secretHash, hash))) return UNKNOWN;
    // from here on nothing waits, so no other request comes between reading and writing
    const book = this.#read();
    if (book === null) return UNKNOWN;
    const { usage, allowance, refusal } = admit(book.record, book.usage, request);
    if (refusal === null) this.ctx.storage.kv.put(USAGE, usage);
    return { refusal, allowance };
  }

  refund(characters: number, month: string): void {
    const book = this.#read();
    if (book !== null) this.ctx.storage.kv.put(USAGE, refund(book.usage, characters, month));
  }

  /** Null of a key that does not exist. */
  describe(nowMs: number): { readonly record: KeyRecord; readonly allowance: Allowance } | null {
    const book = this.#read();
    if (book === null) return null;
    const usage = refilled(book.record, book.usage, nowMs);
    return { record: book.record, allowance: allowanceOf(book.record, usage) };
  }

  revoke(nowMs: number): void {
    const book = this.#read();
    if (book === null || book.record.revokedMs !== null) return;
    this.ctx.storage.kv.put<KeyRecord>(RECORD, { ...book.record, revokedMs: nowMs });
  }

  #read(): { readonly record: KeyRecord; readonly usage: KeyUsage } | null {
    const record = this.ctx.storage.kv.get<KeyRecord>(RECORD);
    const usage = this.ctx.storage.kv.get<KeyUsage>(USAGE);
    return record === undefined || usage === undefined ? null : { record, usage };
  }
}
