/** What this process holds in memory, in MB, as the system counts it. */
import { readFileSync } from 'node:fs';

export function residentMb(field: 'VmRSS' | 'VmHWM'): number {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    return Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024);
  } catch {
    return Number.NaN;
  }
}
