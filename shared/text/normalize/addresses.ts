/** Web and e-mail addresses as one would say them: no scheme, no query, signs by their names. */
import { matchEdit, type Rule } from './mapped-text.ts';
import { sayDigits, sayWhole } from './say-number.ts';
import type { SpokenLanguage } from './spoken-language.ts';

const LABEL = '[\\p{L}\\p{N}](?:[\\p{L}\\p{N}-]{0,61}[\\p{L}\\p{N}])?';
/** Where no scheme says that it is an address, a domain must be one of the usual. */
const USUAL_DOMAIN =
  'com|org|net|edu|gov|info|io|dev|app|ai|co|eu|uk|us|de|at|ch|fr|es|it|pt|br|pl|ru|tr|in|jp|kr|cn';

const MAIL = new RegExp(
  `(?<=(?<scheme>(?:mailto:)?)(?<name>[\\p{L}\\p{N}.+_-]{1,64}))@(?<host>${LABEL}(?:\\.${LABEL}){1,8})`,
  'gu',
);
const TAIL =
  '(?::(\\d{1,5}))?((?:/[^\\s<>"\'()?#\\ufffc，。、！？]{0,500})?)([?#][^\\s<>"\'()\\ufffc，。、！？]{0,1500})?';
const WITH_SCHEME = new RegExp(
  `(?<![\\p{sc=Latin}\\p{sc=Cyrl}\\p{N}])(?:https?|ftp|wss?)://((?:[\\p{L}\\p{N}-]{1,63}\\.){0,8}[\\p{L}\\p{N}-]{1,63})${TAIL}`,
  'giu',
);
const BARE = new RegExp(
  `(?<![\\p{sc=Latin}\\p{sc=Cyrl}\\p{N}.@_/-])((?:www\\.(?:[\\p{L}\\p{N}-]{1,63}\\.){1,8}[\\p{L}]{2,24})|(?:[A-Za-z0-9-]{2,63}\\.){1,4}(?:${USUAL_DOMAIN}))(?![\\p{sc=Latin}\\p{sc=Cyrl}\\p{N}@-]|\\.[\\p{L}\\p{N}])${TAIL}`,
  'gu',
);

/** Rules for addresses; without a language they lose scheme and query only. */
export function addresses(language: SpokenLanguage | null): readonly Rule[] {
  return [
    function* mailIn(text) {
      if (language === null) return;
      const { at } = language.words;
      for (const match of text.matchAll(MAIL)) {
        const { scheme = '', name = '', host = '' } = match.groups ?? {};
        const start = match.index - name.length - scheme.length;
        const said = `${spelled(name, language)} ${at} ${spelled(host, language)}`;
        yield { ...matchEdit(match, said), start };
      }
    },
    ...[WITH_SCHEME, BARE].map(
      (pattern): Rule =>
        function* webIn(text) {
          for (const match of text.matchAll(pattern)) {
            const [all, host = '', port = '', path = '', query = ''] = match;
            // the stop after an address ends the sentence
            const stop = /[.,;:!*_~]{0,100}$/u.exec(query || path)?.[0] ?? '';
            const spoken = path.slice(0, path.length - (query === '' ? stop.length : 0));
            const said = sayAddress(host, port, spoken.replace(/\/$/u, ''), language);
            yield { start: match.index, end: match.index + all.length - stop.length, text: said };
          }
        },
    ),
  ];
}

function sayAddress(
  host: string,
  port: string,
  path: string,
  language: SpokenLanguage | null,
): string {
  const name = host.replace(/^www\./iu, '');
  if (language === null) return name + (port && `:${port}`) + path;
  return spelled(name + (port && `:${port}`) + decoded(path), language);
}

/** Signs by their names, digits as numbers, all apart. */
function spelled(address: string, language: SpokenLanguage): string {
  const { dot, slash, dash, at, plus } = language.words;
  const signs: Readonly<Record<string, string>> = { '.': dot, '/': slash, '@': at, '+': plus };
  return address
    .replaceAll(/[./@+]/gu, (sign) => ` ${signs[sign] ?? ''} `)
    .replaceAll(/(?<=\S)-(?=\S)/gu, address.includes('/') ? ' ' : ` ${dash} `)
    .replaceAll(/[_:~=&%,;*-]+/gu, ' ')
    .replaceAll(/\d+/gu, (digits) => ` ${sayShort(digits, language)} `)
    .replaceAll(/\s+/gu, ' ')
    .trim();
}

function sayShort(digits: string, language: SpokenLanguage): string {
  return digits.length <= 4 ? sayWhole(digits, language) : sayDigits(digits, language);
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
