/** Values of options: each reader takes a text and throws with what it must be. */
import { InvalidArgumentError } from '@commander-js/extra-typings';

/** A whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

/** A number above 0 and at most `most`. */
export function positiveNumber(most: number): (text: string) => number {
  return (text) => {
    const value = /^\d*\.?\d+(?:e-?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
    if (value > 0 && value <= most) return value;
    throw new InvalidArgumentError(`It must be a number above 0 and at most ${most}.`);
  };
}

/** Switches something off; a word, since to commander null means that nothing was given. */
export type Off = 'off';

/** What `read` takes, or the word `off`. */
export function orOff<Value>(read: (text: string) => Value): (text: string) => Value | Off {
  return (text) => (text === 'off' ? text : read(text));
}

/** Null for what is off. */
export function nullIfOff<Value>(value: Value | Off): Value | null {
  return value === 'off' ? null : value;
}
