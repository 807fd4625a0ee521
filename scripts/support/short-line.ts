/** Log lines for eyes: a JSON entry becomes its event and facts, what says nothing is dropped. */

import { jsonObject } from './json-object.ts';
import { printable } from '../../gpu-backend/cli/terminal/printable.ts';

/** Facts that a person at a terminal does not need on every line. */
const DULL_FACTS: ReadonlySet<string> = new Set(['event', 'at', 'time', 'level']);

/** Codes that color a terminal (ECMA-48 section 5.4). */
// oxlint-disable-next-line no-control-regex -- the escape character is what is looked for
const COLORS = /\u001b\[[0-9;]*m/g;

/** Words that can not be taken for another fact. */
const PLAIN_VALUE = /^[^\s"=]+$/u;

/** The line as it may be shown, null for an empty one. */
export function shortLine(line: string): string | null {
  const plain = line.replaceAll(COLORS, '').trimEnd();
  if (plain.trim() === '') return null;
  const entry = jsonObject(plain);
  if (entry === null) return printable(plain);
  const event = typeof entry['event'] === 'string' ? [entry['event']] : [];
  const facts = Object.entries(entry)
    .filter(([name, value]) => !DULL_FACTS.has(name) && value !== null)
    .map(([name, value]) => `${name}=${shownValue(value)}`);
  return printable([...event, ...facts].join(' '));
}

function shownValue(value: unknown): string {
  return typeof value === 'string' && PLAIN_VALUE.test(value) ? value : JSON.stringify(value);
}
