/** Where keys live, as the edge sees it. */
import type { AdmissionRequest, Allowance, KeyRecord } from './ledger.ts';
import type { KeyDirectory } from './key-directory.ts';
import type { KeyLedger, LedgerAnswer } from './key-ledger.ts';

export interface KeyDescription {
  readonly record: KeyRecord;
  readonly allowance: Allowance;
}

export interface KeyStore {
  open(record: KeyRecord): Promise<void>;
  admit(id: string, request: AdmissionRequest): Promise<LedgerAnswer>;
  refund(id: string, characters: number, month: string): Promise<void>;
  /** Null of a key that does not exist. */
  describe(id: string, nowMs: number): Promise<KeyDescription | null>;
  revoke(id: string, nowMs: number): Promise<void>;
  /** A page of ids in their order, after this one. */
  list(after: string): Promise<readonly string[]>;
}

const DIRECTORY = 'directory';

/** Keys in Durable Objects: one each, and one that knows their ids. */
export function durableKeys(
  ledgers: DurableObjectNamespace<KeyLedger>,
  directories: DurableObjectNamespace<KeyDirectory>,
): KeyStore {
  const ledger = (id: string): DurableObjectStub<KeyLedger> => ledgers.getByName(id);
  // anew for each call: a stub belongs to the request that it was made in
  const directory = (): DurableObjectStub<KeyDirectory> => directories.getByName(DIRECTORY);
  return {
    open: async (record) => {
      await ledger(record.id).open(record);
      await directory().add(record.id, record.createdMs);
    },
    admit: (id, request) => ledger(id).admit(request),
    refund: (id, characters, month) => ledger(id).refund(characters, month),
    describe: (id, nowMs) => ledger(id).describe(nowMs),
    revoke: (id, nowMs) => ledger(id).revoke(nowMs),
    list: (after) => directory().list(after),
  };
}
