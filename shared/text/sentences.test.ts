import { describe, expect, test } from 'vitest';
import { fitSentences, splitSentences } from './sentences.ts';
import { speechLength } from './speech-length.ts';

/** What is cut apart is written with "|" between the sentences. */
type Case = readonly [language: string, what: string, sentences: string];

const CASES: readonly Case[] = [
  ['en', 'two sentences', 'The train was late.|Nobody seemed to mind.'],
  ['en', 'titles', 'Dr. Smith met Mrs. Jones and Prof. Lee.|They talked for hours.'],
  ['en', 'titles in capitals', 'MR. SMITH IS WAITING OUTSIDE.|TELL HIM TO COME IN.'],
  ['en', 'initials', 'The book by J. R. R. Tolkien is long.|I read it twice.'],
  ['en', '"I" at the end', 'She was as tired as I. Then we slept.'],
  ['en', 'latin', 'Take some fruit, e.g. Apples or i.e. Pears.|Wash them well first.'],
  ['en', 'a company before a name', 'He works for Apple Inc. Chief Cook is better.'],
  [
    'en',
    'a company at the end',
    'He works for Apple Inc. in California.|She works for Acme Ltd.|They are happy.',
  ],
  ['en', 'the U.S. before a name', 'The U.S. President spoke for an hour. He sat down.'],
  ['en', 'the U.S. at the end', 'She has moved to the U.S.|The weather is better there.'],
  ['en', 'a.m. and p.m.', 'We leave at 9 a.m. and arrive at 5 p.m.|Then we will have dinner.'],
  ['en', 'numbers of things', 'See fig. 3 and No. 5 on p. 12 of Vol. 2.|They explain the rest.'],
  ['en', '"no" that is no number', 'The answer to that is no.|Ask me something else.'],
  ['en', 'decimals', 'The number is 3.14159, or about 3.14.|It never comes to an end.'],
  ['en', 'a year at the end', 'It all began back in 1990.|Then came the long winter.'],
  [
    'en',
    'versions and addresses',
    'Version 2.0.1 is at https://example.com/a?b=c!d.e for you.|Please try it today.',
  ],
  ['en', 'an address with a query', 'Look at example.org/search?q=Bark&x=1.|The answer is there.'],
  ['en', 'an e-mail address', 'Write to jane.doe@example.com today.|She will answer soon.'],
  [
    'en',
    'a quotation that goes on',
    '"Are you really sure?" she asked him.|He said nothing at all.',
  ],
  ['en', 'a quotation that ends', 'He said: "I will not come."|"Why ever not?" she asked.'],
  ['en', 'brackets after the stop', '(It rained the whole day.)|We stayed at home and read.'],
  ['en', 'an ellipsis that goes on', 'I thought... maybe we could wait a little.'],
  ['en', 'an ellipsis that ends', 'He left the old house…|Then there was silence.'],
  ['en', 'an ellipsis before I', 'Well, to be honest… I do not know that man.'],
  ['en', 'several marks', 'What on earth is that?!|Nobody could tell us!!!'],
  ['en', 'short answers', 'Yes. No! I do not know what to say.'],
  ['en', 'a short end', 'Do you think that this will work? Yes.'],
  ['en', 'directions', 'I am so glad you came. [laughs] Please do sit down.'],
  ['en', 'lyrics', '♪ La la la. The rain has gone! La la. ♪|Then he stopped singing and left.'],
  ['en', 'lower case only', 'hello there my friend. how are you today?|i am fine, thanks a lot.'],
  [
    'en',
    'hard-wrapped lines',
    'This paragraph was wrapped by hand at a width\nthat Robert liked best of all.|It goes on here.',
  ],
  ['en', 'numbered lists', '1. Apples are mostly red.|2. Pears are mostly green.'],
  ['de', 'an ordinal in a date', 'Am 3. Oktober feiern wir die Einheit.|Danach fahren wir heim.'],
  ['de', 'an ordinal of a century', 'Im 19. Jahrhundert war alles anders.|Das weiß jeder.'],
  ['de', 'a number at the end', 'Mein Bruder wurde gestern 39.|Danach feierten wir alle.'],
  [
    'de',
    'spaced abbreviations',
    'Es gibt viele Städte, z. B. Berlin, d. h. Großstädte.|Dort ist es laut.',
  ],
  [
    'de',
    'tight abbreviations',
    'Es gibt Obst, z.B. Äpfel, bzw. Birnen, ca. Mai.|Alles schmeckt gut.',
  ],
  ['de', 'usw. at the end', 'Wir kauften Brot, Käse, Milch usw.|Dann gingen wir nach Hause.'],
  ['de', 'titles', 'Fr. Dr. Weiß und Hr. Prof. Schwarz kamen.|Sie blieben lange.'],
  ['de', 'a king', 'Ludwig XIV. Bourbon regierte sehr lange.|Er liebte Feste.'],
  [
    'de',
    'quotation marks',
    '„Kommst du heute mit?“, fragte sie leise.|»Nein, heute nicht.«|Er blieb zu Hause.',
  ],
  ['es', 'titles', 'La Sra. Muñoz y el Sr. García llegaron tarde.|Nadie dijo nada.'],
  ['es', 'opening marks', '¿Dónde está la biblioteca?|¡Está cerca de la plaza!'],
  ['es', 'doubled letters', 'Vivió en EE. UU. durante diez años.|Ahora vive en Perú.'],
  ['es', 'p. ej.', 'Hay frutas, p. ej. Manzanas y peras.|Son muy baratas.'],
  ['fr', 'titles', 'M. Lefèvre et Mme. Dupont sont arrivés.|Ils ont vraiment faim.'],
  ['fr', 'guillemets that go on', '« C’est vraiment vrai ? » demanda-t-il.|Elle ne répondit rien.'],
  ['fr', 'guillemets that end', '« Je ne viendrai pas demain. »|Elle ferma la porte.'],
  ['fr', 'a spaced question mark', 'Où êtes-vous allés hier soir ?|Nous étions au cinéma !'],
  ['hi', 'danda', 'मैं आज बाज़ार जा रहा हूँ।|क्या आप मेरे साथ चलेंगे?'],
  ['hi', 'a title', 'डॉ. शर्मा ने हमें बारह बजे बुलाया।|हम समय पर पहुँच गए।'],
  ['hi', 'double danda', 'यह किताब बहुत ही अच्छी है॥|इसे सबको पढ़ना चाहिए॥'],
  ['it', 'titles', 'Il sig. Rossi e la Sig.ra Bianchi arrivarono.|Poi mangiarono insieme.'],
  ['it', 'ecc. at the end', 'Comprammo pane, latte, uova ecc.|Poi tornammo a casa.'],
  ['it', 'a time', 'Il treno parte alle 8.30 di mattina.|Non fare tardi, per favore.'],
  ['ja', 'full stops without spaces', '東京は日本の首都です。|人口は約千四百万人です。'],
  [
    'ja',
    'a quotation that goes on',
    '「今日は行きません。」と彼女は言った。|それから外に出ました。',
  ],
  ['ja', 'full-width marks', '本当に大丈夫ですか？|はい、大丈夫です！'],
  ['ja', 'ellipsis', 'そうですね……少し考えさせてください。|明日お返事します。'],
  ['ko', 'stops', '오늘 날씨가 정말 좋네요.|우리 산책하러 갈까요?'],
  ['ko', 'decimals and short answers', '네. 3.5킬로미터를 걸었습니다.|다리가 아픕니다.'],
  [
    'pl',
    'abbreviations before names',
    'Mieszka przy ul. Długiej, np. Jan i św. Piotr.|Bardzo to lubi.',
  ],
  ['pl', 'a year', 'W 1990 r. Jan wyjechał do Łodzi.|Potem wrócił do domu.'],
  ['pl', 'quotation marks', '„Dzień dobry, panie Janie.”|Nikt mu nie odpowiedział.'],
  ['pt', 'titles', 'O Sr. Silva e a Dra. Ana chegaram cedo.|Eles tomaram café.'],
  ['pt', 'a time', 'A Ana saiu de casa às 10.30 da manhã.|Não voltou mais.'],
  ['ru', 'initials', 'А. С. Пушкин родился в Москве.|Он был великим поэтом.'],
  [
    'ru',
    'т.е. and г.',
    'Он жил там до 1837 г. включительно, т.е. Почти всю жизнь.|Это было давно.',
  ],
  ['ru', 'a year at the end', 'Это случилось в далёком 1799 г.|Он тогда только родился.'],
  ['ru', 'и т. д. at the end', 'Мы купили хлеб, сыр и т. д.|Потом мы пошли домой.'],
  ['ru', 'dialogue', '— Здравствуйте! — сказал он весело.|Никто ему не ответил.'],
  ['tr', 'an ordinal', 'Bu konuda Dr. Yılmaz 3. Selim dönemini anlattı.|Sonra eve gitti.'],
  ['tr', 'titles', 'Sn. Prof. Demir ile Doç. Kaya geldiler.|Hemen işe başladılar.'],
  ['tr', 'vb. at the end', 'Çarşıdan ekmek, süt, peynir vb.|Sonra hemen eve döndük.'],
  ['zh', 'full stops without spaces', '我爱北京的秋天。|你喜欢什么季节？'],
  ['zh', 'quotation marks', '他说：“我们明天见！”|然后他就走了。'],
  ['zh', 'half-width marks', '你今天过得好吗?|我过得很好!'],
  ['zh', 'short answers', '好。我们走吧。'],
];

const withoutSpace = (text: string): string => text.replaceAll(/\s/gu, '');

/** Joined as the language writes: with a space, or without one. */
function joined(language: string, sentences: readonly string[]): string {
  return sentences.join(language === 'zh' || language === 'ja' ? '' : ' ');
}

describe('a sentence ends where it is heard to end', () => {
  test.each(CASES)('%s: %s', (language, _, marked) => {
    const sentences = marked.split('|');
    expect(splitSentences(joined(language, sentences), { language })).toEqual(sentences);
  });

  // what only the language can tell: ordinals and words that are abbreviations elsewhere
  const NEEDS_LANGUAGE = new Set(['de: a king', 'tr: an ordinal']);
  const FOR_ANY = CASES.filter(([language, what]) => !NEEDS_LANGUAGE.has(`${language}: ${what}`));

  test.each(FOR_ANY)('%s without its language: %s', (language, _, marked) => {
    const sentences = marked.split('|');
    expect(splitSentences(joined(language, sentences))).toEqual(sentences);
  });

  test('there are cases in 13 languages', () => {
    expect(new Set(CASES.map(([language]) => language)).size).toBe(13);
    expect(CASES.length).toBeGreaterThan(60);
  });
});

test('a region in the language tag makes no difference, an unknown language knows all abbreviations', () => {
  const text = 'Am 3. Oktober kommt Hr. Weiß zu uns. Danach fahren wir heim.';
  const expected = ['Am 3. Oktober kommt Hr. Weiß zu uns.', 'Danach fahren wir heim.'];
  for (const language of ['de', 'de-AT', 'DE', 'xx', '', 'not a tag']) {
    expect(splitSentences(text, { language })).toEqual(expected);
  }
});

test.each([
  ['nothing', ''],
  ['white space', ' \n\t\u3000 '],
])('%s has no sentences', (_, text) => {
  expect(splitSentences(text)).toEqual([]);
});

test('lines end on purpose when they are short, and a blank line always ends a sentence', () => {
  expect(splitSentences('Chapter the first one\n\nand it began in lower case')).toEqual([
    'Chapter the first one',
    'and it began in lower case',
  ]);
  expect(splitSentences('Roses are very red\r\nViolets are very blue')).toEqual([
    'Roses are very red',
    'Violets are very blue',
  ]);
  expect(splitSentences('- a carton of fresh milk\n- a loaf of brown bread')).toEqual([
    '- a carton of fresh milk',
    '- a loaf of brown bread',
  ]);
  expect(splitSentences('this line simply\ngoes on below')).toEqual([
    'this line simply\ngoes on below',
  ]);
});

test('an emoji or a direction alone belongs to what was said before', () => {
  expect(splitSentences('What a wonderful surprise! 🎉🎉 [laughs]')).toEqual([
    'What a wonderful surprise! 🎉🎉 [laughs]',
  ]);
});

function countWords(text: string): number {
  return text.split(/\s+/).length;
}

function countCodePoints(text: string): number {
  return Array.from(text).length;
}

describe('what does not fit one utterance is cut', () => {
  test('a sentence within both limits stays as it is', () => {
    expect(fitSentences(['One, two, three.'], countWords, 3)).toEqual(['One, two, three.']);
  });

  test.each([
    [
      'after a clause',
      'one two three four, five six seven and a bit more',
      8,
      ['one two three four,', 'five six seven and a bit more'],
    ],
    [
      'between words when there is no clause',
      'one two three four five six',
      3,
      ['one two three', 'four five six'],
    ],
    [
      'not within a number',
      'nearly 1,000,000 people came, and some of them stayed',
      6,
      ['nearly 1,000,000 people came,', 'and some of them stayed'],
    ],
    [
      'after a dash',
      'the morning was cold — the evening was warm',
      6,
      ['the morning was cold —', 'the evening was warm'],
    ],
    [
      'not within a direction',
      'alas alas alas alas [clears throat, loudly] alas',
      6,
      ['alas alas alas alas', '[clears throat, loudly] alas'],
    ],
    [
      'not after an abbreviation',
      'there came prof. smith with his dog. nobody else was seen there',
      8,
      ['there came prof. smith with his dog.', 'nobody else was seen there'],
    ],
  ])('%s', (_, sentence, maxTokens, pieces) => {
    expect(fitSentences([sentence], countWords, maxTokens)).toEqual(pieces);
  });

  test('text without white space is cut between words, graphemes, and code points at last', () => {
    expect(fitSentences(['我爱北京天安门'], countCodePoints, 4)).toEqual(['我爱北京', '天安门']);
    expect(fitSentences(['e\u0301e\u0301e\u0301'], countCodePoints, 3)).toEqual([
      'e\u0301',
      'e\u0301',
      'e\u0301',
    ]);
    expect(fitSentences(['👩‍👩‍👧'], countCodePoints, 1).join('')).toBe('👩‍👩‍👧');
  });

  test('a character with too many tokens is kept, not dropped', () => {
    expect(fitSentences(['ab'], () => 9, 1)).toEqual(['a', 'b']);
  });

  test('a long sentence is cut after clauses although its tokens would fit', () => {
    const long =
      'Although the evening had begun quietly, with a few guests and the soft sound of rain against the windows, ' +
      'it ended in a storm of laughter and long stories, which nobody who had been there would ever forget; and then we all went home.';
    const pieces = fitSentences([long], countWords, 256);
    expect(pieces.length).toBe(2);
    expect(pieces.join(' ')).toBe(long);
    expect(pieces[0]).toMatch(/,$/);
    for (const piece of pieces) expect(speechLength(piece)).toBeLessThanOrEqual(200);
  });

  test('ideographs fill an utterance three times as fast as letters', () => {
    const long = '人工智能正在改变我们的生活方式，从医疗到教育，从交通到娱乐，'.repeat(3);
    for (const piece of fitSentences([long], countCodePoints, 256)) {
      expect(piece.length).toBeLessThanOrEqual(66);
      expect(piece).toMatch(/，$/);
    }
  });

  test.each([0, -1, Number.NaN])('room for %s tokens is refused', (maxTokens) => {
    expect(() => fitSentences(['a'], countWords, maxTokens)).toThrow(RangeError);
  });
});

describe('nothing is lost', () => {
  const PARTS =
    '.|. |!|? |…|... |。|？|।|॥ |, |、|; |: |— | - |"|“|” |«| »|(|) |[laughs] |[|]|♪|♪ |\n|\n\n|\r\n|\t|\u00a0|\u3000|\u2029|Dr. |z. B. |U.S. |т.е. |3. |3.14 |1990. |I |A. |hello |World |Straße |день |नमस्ते |है|你好|世界|です|と|네 |👩‍👩‍👧 |e\u0301|\u0301|\u200d|\ud83d|x|1,000 |https://a.b/c?d!e |'.split(
      '|',
    );

  /** A text of random parts, the same for the same seed. */
  function randomText(seed: number): string {
    let state = seed;
    const random = (limit: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * limit);
    };
    return Array.from({ length: 1 + random(120) }, () => PARTS[random(PARTS.length)]).join('');
  }

  test('of a thousand generated texts, split and cut', () => {
    const languages = [undefined, 'en', 'de', 'fr', 'ru', 'ja', 'hi', 'tr'];
    for (let seed = 0; seed < 1_000; seed += 1) {
      const text = randomText(seed);
      const language = languages[seed % languages.length];
      const sentences = splitSentences(text, language === undefined ? {} : { language });
      const maxTokens = 1 + (seed % 40);
      const pieces = fitSentences(sentences, countCodePoints, maxTokens);
      for (const list of [sentences, pieces]) {
        expect(withoutSpace(list.join('')), `seed ${seed}`).toBe(withoutSpace(text));
        expect(list.every((piece) => piece !== '' && piece === piece.trim())).toBe(true);
      }
      for (const piece of pieces) {
        expect(countCodePoints(piece), `seed ${seed}`).toBeLessThanOrEqual(maxTokens);
        expect(speechLength(piece)).toBeLessThanOrEqual(200);
      }
    }
  });

  test.each([
    ['stops', '. '],
    ['line ends', '\n'],
    ['ellipses', '… '],
    ['brackets', '['],
    ['notes', '♪ a '],
    ['initials', 'A. '],
    ['ordinals', '1. '],
    ['letters', 'a'],
    ['combining marks', '\u0301'],
    ['ideographic sentences', '字。'],
    ['white space', `a${' '.repeat(5_000)}`],
    ['lone surrogates', '\ud83d'],
  ])('and a hundred thousand characters of %s take no more than linear time', (_, unit) => {
    const text = unit.repeat(Math.floor(100_000 / unit.length));
    const begin = performance.now();
    const pieces = fitSentences(splitSentences(text), countCodePoints, 256);
    expect(performance.now() - begin).toBeLessThan(5_000);
    expect(withoutSpace(pieces.join(''))).toBe(withoutSpace(text));
  });
});
