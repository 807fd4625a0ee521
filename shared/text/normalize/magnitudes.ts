/** Thousands, millions and the like as they stand behind a number. */

/** What an amount may be multiplied with, by what follows its number. */
export const MAGNITUDES: Readonly<Record<string, number>> = { k: 3, K: 3, m: 6, M: 6, bn: 9, B: 9 };

/** In Latin or Cyrillic letters, as said between a number and its currency. */
export const MAGNITUDE_WORDS =
  'thousand|[mbtr]+illion|Million(?:en)?|Milliarden?|Tsd\\.?|Mio\\.?|Mrd\\.?|mille|millions?|milliards?|mil|millón|millones|milioni?|miliardi?|milhão|milhões|bilhão|bilhões|mln|mld|tys\\.?|milion(?:y|ów)?|тыс\\.?|тысяч[аи]?|млн\\.?|млрд\\.?|миллион(?:а|ов)?|миллиард(?:а|ов)?|bin|milyon|milyar|हज़ार|लाख|करोड़|万|億|亿|만|억';

/** Magnitudes that are written short. */
export const ABBREVIATED: Readonly<Record<string, string>> = {
  Tsd: 'tausend',
  Mio: 'Millionen',
  Mrd: 'Milliarden',
  mln: 'milionów',
  mld: 'miliardów',
  tys: 'tysięcy',
  тыс: 'тысяч',
  млн: 'миллионов',
  млрд: 'миллиардов',
};
