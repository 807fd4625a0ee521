/** A name as a header can carry it: what is not printable ASCII is percent-encoded, and so is the percent sign. */
export function headerText(name: string): string {
  return name.toWellFormed().replaceAll(/[^\x20-\x24\x26-\x7e]+/g, encodeURIComponent);
}
