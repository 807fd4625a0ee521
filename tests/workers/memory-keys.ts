/** Keys in memory, for tests of what stands above the Durable Objects. */
import type { KeyStore } from '../../functions/keys/key-store.ts';
import {
  admit,
  allowanceOf,
  freshUsage,
  refilled,
  refund,
  type KeyRecord,
  type KeyUsage,
} from '../../functions/keys/ledger.ts';

export function memoryKeys(): KeyStore {
  const books = new Map<string, { record: KeyRecord; usage: KeyUsage }>();
  return {
    open: async (record) => {
      books.set(record.id, { record, usage: freshUsage(record, record.createdMs) });
    },
    admit: async (id, request) => {
      const book = books.get(id);
      if (book === undefined || ![null, book.record.secretHash].includes(request.secretHash)) {
        return { refusal: { code: 'unauthorized', message: 'Unknown.' }, allowance: null };
      }
      const { usage, allowance, refusal } = admit(book.record, book.usage, request);
      if (refusal === null) book.usage = usage;
      return { refusal, allowance };
    },
    refund: async (id, characters, month) => {
      const book = books.get(id);
      if (book !== undefined) book.usage = refund(book.usage, characters, month);
    },
    describe: async (id, nowMs) => {
      const book = books.get(id);
      if (book === undefined) return null;
      const usage = refilled(book.record, book.usage, nowMs);
      return { record: book.record, allowance: allowanceOf(book.record, usage) };
    },
    revoke: async (id, nowMs) => {
      const book = books.get(id);
      if (book !== undefined) book.record = { ...book.record, revokedMs: nowMs };
    },
    list: async (after) => [...books.keys()].toSorted().filter((id) => id > after),
  };
}
