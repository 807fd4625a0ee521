/** How long a text takes to say, estimated from its characters alone: what decides which sentences are too short or too long. */

/**
 * One unit is about 65 ms of speech, the pace of a Latin letter. An ideograph, kana or hangul syllable is
 * said in the time of three letters, a digit (which becomes a word) in that of four.
 */
const SYLLABLE_UNITS = 3;
const DIGIT_UNITS = 4;

/** Below this Bark invents sound around the words: a shorter sentence joins a neighbour. About 15 letters or 5 ideographs. */
export const SENTENCE_MIN_UNITS = 15;

/** Above this Bark gets careless and near 15 s it stops in mid-sentence: about 13 s, 200 letters or 66 ideographs. */
export const SENTENCE_MAX_UNITS = 200;

const SYLLABLE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const DIGIT = /\p{Nd}/u;

/** Speech units before each code unit of the text, [text.length + 1], ascending; the last is the whole. */
export function speechOffsets(text: string): Uint32Array {
  const offsets = new Uint32Array(text.length + 1);
  let at = 0;
  let units = 0;
  for (const character of text) {
    // the second half of a surrogate pair lies before its character's end
    offsets.fill(units, at, at + character.length);
    units += unitsOf(character);
    at += character.length;
  }
  offsets[at] = units;
  return offsets;
}

/** Speech units of a text, white space within it included; 0 when it has neither letter nor digit. */
export function speechLength(text: string): number {
  if (!/[\p{L}\p{N}]/u.test(text)) return 0;
  return speechOffsets(text.trim()).at(-1) ?? 0;
}

function unitsOf(character: string): number {
  const codePoint = character.codePointAt(0) ?? 0;
  if (codePoint >= 0x30 && codePoint <= 0x39) return DIGIT_UNITS;
  if (codePoint < 0x300) return 1;
  if (SYLLABLE.test(character)) return SYLLABLE_UNITS;
  return DIGIT.test(character) ? DIGIT_UNITS : 1;
}
