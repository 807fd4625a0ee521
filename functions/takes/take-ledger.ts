/** What is kept and since when: one Durable Object a bucket folder, which says what has to go. */
import { DurableObject } from 'cloudflare:workers';

/** It needs no binding. */
type Env = Record<string, never>;

interface Kept {
  readonly key: string;
  readonly bytes: number;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

/** Most that one addition drops, so that it stays quick after a bound was lowered; the next one goes on. */
const MAX_DROPPED = 200;

export class TakeLedger extends DurableObject<Env> {
  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    const { sql } = context.storage;
    sql.exec(
      'CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, bytes INTEGER, since INTEGER)',
    );
    sql.exec('CREATE INDEX IF NOT EXISTS kept_since ON kept (since)');
  }

  /** Keys to delete: those that are too old, and the oldest until all fits. */
  add({ key, bytes, maxBytes, maxAgeMs }: Kept): readonly string[] {
    const { sql } = this.ctx.storage;
    const nowMs = Date.now();
    sql.exec('INSERT OR REPLACE INTO kept VALUES (?, ?, ?)', key, bytes, nowMs);
    let total = sql.exec<{ total: number }>('SELECT SUM(bytes) AS total FROM kept').one().total;
    const dropped: string[] = [];
    const oldest = sql.exec<{ key: string; bytes: number; since: number }>(
      'SELECT key, bytes, since FROM kept WHERE key <> ? ORDER BY since LIMIT ?',
      key,
      MAX_DROPPED,
    );
    for (const entry of oldest) {
      if (total <= maxBytes && nowMs - entry.since < maxAgeMs) break;
      dropped.push(entry.key);
      total -= entry.bytes;
    }
    for (const gone of dropped) sql.exec('DELETE FROM kept WHERE key = ?', gone);
    return dropped;
  }
}
