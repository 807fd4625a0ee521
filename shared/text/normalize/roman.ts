/** Roman numerals. */

const VALUES: readonly (readonly [numeral: string, value: number])[] = [
  ['C', 100],
  ['XC', 90],
  ['L', 50],
  ['XL', 40],
  ['X', 10],
  ['IX', 9],
  ['V', 5],
  ['IV', 4],
  ['I', 1],
];

/** The value of a numeral as it is properly written, 1..399; null for any other letters. */
export function romanValue(numeral: string): number | null {
  let value = 0;
  let rest = numeral;
  for (const [letters, worth] of VALUES) {
    while (rest.startsWith(letters)) {
      value += worth;
      rest = rest.slice(letters.length);
    }
  }
  return rest === '' && value < 400 && writeRoman(value) === numeral ? value : null;
}

function writeRoman(value: number): string {
  let rest = value;
  let numeral = '';
  for (const [letters, worth] of VALUES) {
    while (rest >= worth) {
      numeral += letters;
      rest -= worth;
    }
  }
  return numeral;
}
