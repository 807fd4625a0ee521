/** Text from anywhere as it may be shown on a terminal: nothing in it moves the cursor, colors or hides. */

/** Controls, line separators, lone surrogates, and what turns the direction of writing. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** One line: line feeds too are written as escapes. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => {
    const hex = character.codePointAt(0)?.toString(16).padStart(4, '0') ?? '';
    return `\\u${hex}`;
  });
}

/** What went wrong, for a person: line feeds stay, for our own messages have several lines. */
export function printableError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n').map(printable).join('\n');
}
