/** Digits in groups that count nothing: telephone numbers, codes, versions. */
import { matchEdit, type Rule } from './mapped-text.ts';
import { numeralPattern, sayDigits, sayWhole } from './say-number.ts';
import type { SpokenLanguage } from './spoken-language.ts';

/** Telephone, card, post and book numbers: digit by digit, a pause between groups. */
export function telephones(language: SpokenLanguage): Rule {
  const pattern =
    /(?<![\p{sc=Latin}\p{sc=Cyrl}\p{N}.,-])(?:\+(?=(?:[ \u00a0.()-]{0,2}\d){7})\d{1,3}(?:[ \u00a0.-]?\(?\d{1,5}\)?){1,8}|\(\d{2,5}\)[ \u00a0]?\d{2,5}(?:[ \u00a0-]\d{2,5}){1,4}|(?:1[ -])?\d{3}[ .-]\d{3}[ .-]\d{4}|\d{3}-\d{4}|0\d{1,4}(?:[ -]\d{2,5}){2,5}|0\d{2,5}[/ -]\d{4,10}|\d{4}(?:[ -]\d{4}){2,4}|\d{1,5}(?:-\d{1,7}){2,5}|\d{5}-\d{4}|\d{2,3}(?: \d{2,3}){3,5})(?![\p{sc=Latin}\p{sc=Cyrl}\p{N}]|[.,-]\d)/gu;
  return function* telephonesIn(text) {
    for (const match of text.matchAll(pattern)) {
      // a number in groups of three
      if (/^\d+(?: \d{3})+$/u.test(match[0])) continue;
      const groups = (match[0].match(/\d+/gu) ?? []).map((digits) =>
        language.readsPairs === true && digits.length === 2
          ? sayWhole(digits, language)
          : sayDigits(digits, language),
      );
      const plus = match[0].startsWith('+') ? `${language.words.plus}${language.space}` : '';
      yield matchEdit(match, plus + groups.join(language.space === '' ? '、' : ', '));
    }
  };
}

/** `1.2.3`, `v2.0`, `192.168.0.1`: a number, the sign's name, a number. */
export function versions(language: SpokenLanguage): Rule {
  const pattern =
    /(?<![\p{N}.,])(?:(?<![\p{sc=Latin}\p{sc=Cyrl}])([vV])\.? ?)?(\d{1,6}(?:\.\d{1,6}){1,6})(?![\p{N}]|[.,]\d)/gu;
  const number = new RegExp(`^${numeralPattern(language)}$`, 'u');
  return function* versionsIn(text) {
    for (const match of text.matchAll(pattern)) {
      const [, prefix, written = ''] = match;
      const isNumber = prefix === undefined && number.test(written);
      if (isNumber) continue;
      const parts = written.split('.').map((part) => sayWhole(part, language));
      const said = parts.join(`${language.space}${language.words.dot}${language.space}`);
      yield matchEdit(match, prefix === undefined ? said : `${prefix} ${said}`);
    }
  };
}
