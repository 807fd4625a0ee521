/** A table with the circumstances that it was made in: one line of a file of results. */
import type { Limits, Machine } from './machine.ts';
import { markdown, type Table } from './table.ts';

export interface Result extends Table {
  readonly machine: Machine;
  /** What the machine could do at most, by threads. */
  readonly limits: Readonly<Record<number, Limits>>;
  /** Load average of the last minute before and after. */
  readonly load: readonly [number, number];
  readonly seconds: number;
  /** What the command was given. */
  readonly arguments: string;
}

/** The result that a line of such a file holds. */
export function readResult(line: string): Result {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the benchmark wrote it
  return JSON.parse(line) as Result;
}

export function resultText(result: Result): string {
  const { cpu, processors, memoryGb, node, onnxruntime, koffi } = result.machine;
  const limits = Object.entries(result.limits).map(
    ([threads, { bytesPerSecond, int8PerSecond, fp32PerSecond }]) =>
      `; limits of ${threads} threads: ${giga(bytesPerSecond)} GB/s read, ${giga(int8PerSecond)} G int8 and ${giga(fp32PerSecond)} G fp32 operations a second`,
  );
  return [
    `## ${result.what}: ${result.title}`,
    '',
    `\`npm run bench -- ${result.arguments}\`; ${result.seconds} s; ${processors} processors of ${cpu}, ${memoryGb} GB; Node ${node}, onnxruntime-node ${onnxruntime}, koffi ${koffi}; load ${result.load.join(' before, ')} after${limits.join('')}`,
    '',
    markdown(result.rows),
  ].join('\n');
}

function giga(value: number): string {
  return (value / 1e9).toFixed(0);
}
