/** The ids of all keys that were made, for those who administer them: one Durable Object. */
import { DurableObject } from 'cloudflare:workers';

/** A page of the list. */
const PAGE_IDS = 100;

export class KeyDirectory extends DurableObject {
  add(id: string, createdMs: number): void {
    this.ctx.storage.kv.put(id, createdMs);
  }

  /** In the order of ids, after this one; fewer than a page's are the last. */
  list(after: string): readonly string[] {
    const page = this.ctx.storage.kv.list({
      ...(after === '' ? {} : { startAfter: after }),
      limit: PAGE_IDS,
    });
    return Array.from(page, ([id]) => id);
  }
}
