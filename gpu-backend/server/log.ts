/**
 * One JSON object a line. What is spoken (text, ids) is personal and never a fact; errors are told
 * by `describeCause`, not by their message.
 */

export type Facts = Readonly<Record<string, string | number | boolean | null>>;

/** Writes one line about something that happened. */
export type Log = (event: string, facts?: Facts) => void;

/** A log of JSON lines; `write` receives each without its line feed. */
export function jsonLog(write: (line: string) => void, date: () => Date = () => new Date()): Log {
  return (event, facts = {}) =>
    write(JSON.stringify({ event, at: date().toISOString(), ...facts }));
}
