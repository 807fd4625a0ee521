/** Emoji and emoticons say nothing: they are taken out, but for the digits of keycaps. */
import { matchEdit, type Edit } from './mapped-text.ts';

/** Signs with words or songs of their own, though Unicode counts them among the pictographs. */
const NOT_EMOJI = /[©®™♩♪♫♬♭♮♯]/u;

const KEYCAP = /([0-9#*])\ufe0f?\u20e3/gu;
const FLAG = String.raw`\p{RI}{2}`;
const PICTURE = String.raw`[\p{Emoji_Presentation}\p{Extended_Pictographic}](?:\p{Emoji_Modifier}|\ufe0f|\ufe0e|[\u{e0020}-\u{e007f}])*`;
const EMOJI = new RegExp(`${FLAG}|${PICTURE}(?:\\u200d${PICTURE})*|\\ufe0f`, 'gu');

const EMOTICON = /(?<!\S)(?:[:;]-?[)(DPp]|<3+)(?![\p{L}\p{N}])/gu;

export function* emoji(text: string): Generator<Edit> {
  for (const match of text.matchAll(EMOTICON)) yield matchEdit(match, '');
  for (const { index, 0: match, 1: digit = '' } of text.matchAll(KEYCAP)) {
    yield { start: index, end: index + match.length, text: digit };
  }
  for (const { index, 0: match } of text.matchAll(EMOJI)) {
    if (NOT_EMOJI.test(match)) continue;
    const end = index + match.length;
    const isBetweenWords = /\p{L}/u.test(text[index - 1] ?? '') && /\p{L}/u.test(text[end] ?? '');
    // a keycap's selector belongs to the keycap
    if (match === '\ufe0f' && text[end] === '\u20e3') continue;
    yield { start: index, end, text: isBetweenWords ? ' ' : '' };
  }
}
