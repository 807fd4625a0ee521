import { describe, expect, test } from 'vitest';
import { findCues } from '../cues.ts';
import { SPOKEN_LANGUAGES } from './languages.ts';
import { NORMALIZATION_MODES, normalizeText } from './normalize-text.ts';

const read = (text: string, language: string | null = 'en'): string =>
  normalizeText(text, { language, mode: 'auto' }).text;

describe('markup', () => {
  test.each([
    ['**bold**, *it*, ***both***, __b__, _i_, ~~gone~~', 'bold, it, both, b, i, gone'],
    ['# Title\n\nText', 'Title.\n\nText'],
    ['## Is it? ##\nYes', 'Is it?\nYes'],
    ['Title\n=====\nText', 'Title.\n\nText'],
    ['- one\n* two\n+ [x] three', 'one.\ntwo.\nthree.'],
    ['1. eggs\n2. milk', 'one: eggs.\ntwo: milk.'],
    ['1986. A great year', 'nineteen eighty-six. A great year'],
    ['> said\n> done', 'said\ndone'],
    ['above\n\n---\n\nbelow', 'above\n\n\n\nbelow'],
    ['| a | b |\n|---|:-:|\n| c | d |', 'a, b.\n\nc, d.'],
    ['see [the page](https://example.com/a) or ![a dog](dog.png)', 'see the page or a dog'],
    ['run `npm start`, then\n```sh\nls\n```', 'run npm start, then\n\nls\n'],
    ['noted[^1] here', 'noted here'],
    ['[1]: https://example.com', ''],
    ['<b>a</b> <break time="1s"/>b<br>c<!-- d -->', 'a b\nc'],
    ['Tom &amp; Jerry &#8364;5 &eacute;', 'Tom and Jerry five euros &eacute;'],
    [String.raw`\*not\* \# it`, '*not* # it'],
    ['标题：**很好**的', '标题：很好的'],
    ['# 标题', '标题。'],
  ])('%j is read as %j', (written, expected) => {
    expect(read(written)).toBe(expected);
  });

  test.each([
    ['sums and stars', 'a * b is not * c'],
    ['words with underscores at their ends', '_ and __init'],
    ['unknown tags and comparisons', '<name> is a<b'],
    ['what is done, not said', '[laughs] Well... [clears throat](softly) [5 seconds]'],
    ['songs', '♪ 99 bottles **of** it ♪'],
    ['speakers, capitals, dashes and dots', 'MAN: I said NO — never … WOMAN: Hm.'],
    ['a dash before words', '— Bonjour'],
    ['the text of the reference', 'Hello, my dog is cute.'],
  ])('%s stay as they are', (_, text) => {
    expect(read(text)).toBe(text);
  });
});

describe('emoji', () => {
  test.each([
    ['Great 🎉 job 👩‍👩‍👧‍👦!', 'Great  job !'],
    ['🇩🇪 and 👍🏽 ❤️', ' and  '],
    ['press 1️⃣', 'press one'],
    ['a🥚b', 'a b'],
    ['- It is done. 🎉👍🏽', 'It is done. '],
    ['# Done 🎉', 'Done .'],
    ['fine :) thanks <3', 'fine  thanks '],
    ['♪ ♫ © ™', '♪ ♫ © ™'],
  ])('%j is read as %j', (written, expected) => {
    expect(read(written)).toBe(expected);
  });
});

test('every place of a text in which nothing changes is where it was', () => {
  for (const length of [1, 49, 98, 5_900]) {
    const text = 'It is so. '.repeat(length / 10 + 1).slice(0, length);
    const normalized = normalizeText(text, { language: 'en', mode: 'auto' });
    expect(normalized.text).toBe(text);
    const moved = Array.from(text, (_, at) => at).filter((at) => normalized.toOriginal(at) !== at);
    expect(moved).toEqual([]);
  }
});

describe('the mode', () => {
  const text = '**5** eggs at https://example.com/a?b=c';

  test('off leaves the text alone', () => {
    const normalized = normalizeText(text, { language: 'en', mode: 'off' });
    expect(normalized.text).toBe(text);
    expect(normalized.toOriginal(7)).toBe(7);
  });

  test('auto spells out what it knows the language of', () => {
    expect(read(text, 'en')).toBe('five eggs at example dot com slash a');
    expect(read(text, 'de-AT')).toBe('fünf eggs at example Punkt com Schrägstrich a');
    expect(read(text, 'xx')).toBe('5 eggs at example.com/a');
    expect(read(text, null)).toBe('5 eggs at example.com/a');
  });

  test('on spells out in English where it does not', () => {
    expect(normalizeText(text, { language: null, mode: 'on' }).text).toBe(read(text, 'en'));
  });
});

describe('every language', () => {
  const UNITS =
    'km m cm mm mi ft yd kg g lb oz l ml km/h m/s mph °C °F ° kB MB GB TB h min ms % m² km² m³ mg';
  const CURRENCIES = '$ € £ ¥ ₹ ₩ ₽ ₺ zł CHF SEK USD CNY';

  test.each([...SPOKEN_LANGUAGES.keys()])(
    '%s has words for all units and currencies',
    (language) => {
      for (const sign of [...UNITS.split(' '), ...CURRENCIES.split(' ')]) {
        for (const number of ['1', '2', '5', '21', '0', '1234567', '9'.repeat(400)]) {
          const said = read(`${number} ${sign}`, language);
          expect(said, `${number} ${sign}`).not.toMatch(/[\d%$€£¥₹₩₽₺²³∞]|undefined|NaN/u);
        }
      }
    },
  );

  test.each([...SPOKEN_LANGUAGES.keys()])('%s has words for every day and minute', (language) => {
    for (let month = 1; month <= 12; month += 1) {
      const day = `2026-${String(month).padStart(2, '0')}-${month + 16}`;
      expect(read(day, language), day).toMatch(/^\D+$/u);
    }
    for (let hour = 0; hour < 24; hour += 1) {
      for (const rest of ['00', '01', '30', '59:59']) {
        expect(read(`${hour}:${rest}`, language), `${hour}:${rest}`).toMatch(/^[^\d:]+$/u);
      }
    }
  });

  test.each([...SPOKEN_LANGUAGES.keys()])('%s leaves no digit unread', (language) => {
    const text = '7 07 1,5 1.5 1.234.567 1-2 3/4 1st 2º 3e x4y 5% 6:07 8.9.10 $11 12€ #13 (14) +15';
    expect(read(text, language)).not.toMatch(/\d/u);
  });
});

const HOSTILE: readonly string[] = [
  '1|1,|1 |1-|1/|12:|1. |$1|1€|1-1 €|+1 (|12 34 |5 km/h |½|I|Chapter I |五',
  '*|**a|_a|`|[|[a](|![a](b |<|<b a="|<!--|&#|\\|> |#|- ',
  'a@|a.|a-|http://|:// |😀|👩\u200d|\ufe0f|1\ufe0f\u20e3|🇩|♪|[a]|\ud83d|é\u0301',
]
  .flatMap((seeds) => seeds.split('|'))
  .concat(['\n', ' ', '|a', '| - |\n', '# a\n', '1. a\n', '```\n']);

describe('hostile texts', () => {
  test.each(HOSTILE.map((seed) => [JSON.stringify(seed), seed]))(
    '%s, again and again, costs no more for its length',
    (_, seed) => {
      const cost = (length: number): number => {
        const text = seed.repeat(length / seed.length);
        const begin = process.cpuUsage();
        normalizeText(text, { language: 'en', mode: 'on' });
        const { user, system } = process.cpuUsage(begin);
        return (user + system) / 1_000;
      };
      const best = (length: number): number => Math.min(cost(length), cost(length));
      // a square would make it 64 times as much
      expect(best(16_384)).toBeLessThan(32 * Math.max(best(2_048), 2));
    },
  );
});

/** A generator of numbers, the same each time. */
function* draws(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

test('any mixture of marks is read in every mode and language, with places that only grow', () => {
  const draw = draws(7);
  const pieces = [
    ...HOSTILE,
    'Hello. ',
    'dog ',
    '3.14 ',
    '$5.50 ',
    '2:30pm ',
    '[laughs] ',
    ' — ',
    '。',
  ];
  const languages = [...SPOKEN_LANGUAGES.keys(), null];
  for (let round = 0; round < 400; round += 1) {
    const count = 1 + Math.floor(draw.next().value * 30);
    const text = Array.from(
      { length: count },
      () => pieces[Math.floor(draw.next().value * pieces.length)] ?? '',
    ).join('');
    for (const mode of NORMALIZATION_MODES) {
      const language = languages[Math.floor(draw.next().value * languages.length)] ?? null;
      const normalized = normalizeText(text, { language, mode });
      const places = Array.from({ length: normalized.text.length + 1 }, (_, at) => [
        normalized.toOriginal(at, 'left'),
        normalized.toOriginal(at),
      ]).flat();
      // the left side of a place may lie before the right side of the one before it
      const isAscending = (side: number): boolean =>
        places.every((place, i) => i % 2 !== side || place >= (places[i - 2] ?? 0));
      expect([isAscending(0), isAscending(1)]).toEqual([true, true]);
      expect(normalized.toOriginal(normalized.text.length)).toBe(text.length);
    }
  }
});

test('a cue stands in the text that is read where it stands in the text as given', () => {
  const text = '# 1 **egg** [laughs]\n\n$5.50 [gasps] and 3 km';
  const normalized = normalizeText(text, { language: 'en', mode: 'auto' });
  const places = findCues(normalized.text).map(({ start, end }) =>
    text.slice(normalized.toOriginal(start), normalized.toOriginal(end, 'left')),
  );
  expect(places).toEqual(['[laughs]', '[gasps]']);
});
