/** The languages that numbers are spelt out in: those of Bark's voices. */
import { CHINESE } from './languages/chinese.ts';
import { ENGLISH } from './languages/english.ts';
import { FRENCH } from './languages/french.ts';
import { GERMAN } from './languages/german.ts';
import { HINDI } from './languages/hindi.ts';
import { ITALIAN } from './languages/italian.ts';
import { JAPANESE } from './languages/japanese.ts';
import { KOREAN } from './languages/korean.ts';
import { POLISH } from './languages/polish.ts';
import { PORTUGUESE } from './languages/portuguese.ts';
import { RUSSIAN } from './languages/russian.ts';
import { SPANISH } from './languages/spanish.ts';
import { TURKISH } from './languages/turkish.ts';
import type { SpokenLanguage } from './spoken-language.ts';

/** By ISO 639-1 code. */
export const SPOKEN_LANGUAGES: ReadonlyMap<string, SpokenLanguage> = new Map(
  [
    ENGLISH,
    GERMAN,
    SPANISH,
    FRENCH,
    HINDI,
    ITALIAN,
    JAPANESE,
    KOREAN,
    POLISH,
    PORTUGUESE,
    RUSSIAN,
    TURKISH,
    CHINESE,
  ].map((language) => [language.locale, language]),
);

/** What is spoken where the language of a voice is not known and yet all must be spelt out. */
export const FALLBACK_LANGUAGE: SpokenLanguage = ENGLISH;
