/** Names of units, months and currencies are the runtime's own: workerd must have those of every language. */
import { expect, test } from 'vitest';
import { tokenizeText } from './tokenize-text.ts';

test.each([
  ['en', 'five kilometers and the fourth of March'],
  ['de', 'fünf Kilometer'],
  ['es', 'cinco kilómetros'],
  ['fr', 'cinq kilomètres'],
  ['hi', 'पाँच किलोमीटर'],
  ['it', 'cinque chilometri'],
  ['ja', '五キロメートル'],
  ['ko', '오킬로미터'],
  ['pl', 'pięć kilometrów'],
  ['pt', 'cinco quilômetros'],
  ['ru', 'пять километров'],
  ['tr', 'beş kilometre'],
  ['zh', '五公里'],
])('%s: 5 km is %s', (language, read) => {
  const said: string[] = [];
  const tokenizer = {
    encode: (text: string) => {
      said.push(text);
      return new Int32Array(1);
    },
  };
  const text = language === 'en' ? '5 km and 4 March' : '5 km';
  tokenizeText(text, { tokenizer, maxTokens: 100, language, normalization: 'auto' });
  expect(said).toContain(read);
});
