/** What was left of the bytes before, and those that come. */
export function joined(
  before: Uint8Array<ArrayBuffer>,
  after: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(before.byteLength + after.byteLength);
  all.set(before);
  all.set(after, before.byteLength);
  return all;
}
