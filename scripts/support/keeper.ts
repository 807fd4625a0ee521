/**
 * A program that outlives the one that started it, to end what that one leaves behind: a SIGKILL
 * lets nobody tidy up. Reads what there is from standard input, a line of JSON each,
 * `{"keep": true, "tree": 123}` or `{"keep": false, "folder": "/tmp/x"}`; where the input ends, so has
 * whoever wrote it, and all trees that are left are ended, all folders removed.
 */
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { z } from 'zod/mini';
import { endTree } from './process-tree.ts';

const orderSchema = z.object({
  keep: z.boolean(),
  tree: z.optional(z.int()),
  folder: z.optional(z.string()),
});

const trees = new Set<number>();
const folders = new Set<string>();

function note<Thing>(things: Set<Thing>, thing: Thing | undefined, keep: boolean): void {
  if (thing === undefined) return;
  if (keep) things.add(thing);
  else things.delete(thing);
}

// only the end of the input ends it
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);

for await (const line of createInterface({ input: process.stdin })) {
  const { keep, tree, folder } = orderSchema.parse(JSON.parse(line));
  note(trees, tree, keep);
  note(folders, folder, keep);
}
await Promise.all(Array.from(trees, endTree));
await Promise.all(Array.from(folders, (folder) => rm(folder, { recursive: true, force: true })));
