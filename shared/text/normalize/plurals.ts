/** Nouns in the form that a number asks for. */
import { joined, pluralValue, sayNumeral, type Numeral } from './say-number.ts';
import type { SpokenLanguage } from './spoken-language.ts';

/** A number and what it counts: `one dollar`, `two dollars`. */
export function sayCounted(numeral: Numeral, forms: string, language: SpokenLanguage): string {
  const noun = pluralForm(forms, numeral, language);
  return joined(language, [sayNumeral(numeral, language, noun), noun]);
}

/** The form for this number, of forms in the order of the language's plural categories. */
export function pluralForm(forms: string, numeral: Numeral, { locale }: SpokenLanguage): string {
  const choices = forms.split('/');
  const rules = rulesOf(locale, Math.min(MAX_DECIMALS, numeral.decimals.length));
  const category = rules.select(pluralValue(numeral));
  const order = PLURAL_ORDER.filter((name) =>
    rules.resolvedOptions().pluralCategories.includes(name),
  );
  return choices[order.indexOf(category)] ?? choices.at(-1) ?? '';
}

const PLURAL_ORDER: readonly Intl.LDMLPluralRule[] = ['one', 'few', 'many', 'other'];

/** More do not change a plural. */
const MAX_DECIMALS = 3;

/** Making them takes longer than all else; bounded by the languages and the decimals. */
const RULES = new Map<string, Intl.PluralRules>();

function rulesOf(locale: string, digits: number): Intl.PluralRules {
  const key = `${locale} ${digits}`;
  const rules = RULES.get(key) ?? new Intl.PluralRules(locale, { minimumFractionDigits: digits });
  RULES.set(key, rules);
  return rules;
}
