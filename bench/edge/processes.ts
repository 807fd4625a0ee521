/** Processes as Linux counts them, in /proc: what they have used of the processor, and hold in memory. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Of the kernel's counters of CPU time. */
const MS_A_TICK = 10;

interface ProcessStat {
  readonly pid: number;
  readonly name: string;
  readonly parent: number;
  readonly ticks: number;
}

/** proc(5): after the name in brackets come the state, the parent, and from the fourteenth field on CPU times. */
function statOf(pid: number): ProcessStat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const end = text.lastIndexOf(')');
    const fields = text.slice(end + 2).split(' ');
    return {
      pid,
      name: text.slice(text.indexOf('(') + 1, end),
      parent: Number(fields[1]),
      ticks: Number(fields[11]) + Number(fields[12]),
    };
  } catch {
    // it has ended meanwhile
    return null;
  }
}

export function isAlive(pid: number): boolean {
  return statOf(pid) !== null;
}

/** Of all its threads, since it began. */
export function cpuMs(pid: number): number {
  return MS_A_TICK * (statOf(pid)?.ticks ?? Number.NaN);
}

/** What it holds of the machine's memory. */
export function residentMbOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024;
}

/** The workerd below a process that runs the Worker, not wrangler's own in front of it, which listens at the port. */
export function workerdOf(ancestor: number, port: number): number {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(Number(name)))
    .filter((stat) => stat !== null);
  const isBelow = (stat: ProcessStat | undefined): boolean =>
    stat !== undefined &&
    (stat.parent === ancestor || isBelow(all.find(({ pid }) => pid === stat.parent)));
  const found = all.find(
    (stat) =>
      stat.name === 'workerd' &&
      isBelow(stat) &&
      !readFileSync(`/proc/${stat.pid}/cmdline`, 'utf8').includes(`:${port}\0`),
  );
  if (found === undefined) throw new Error('No workerd was started.');
  return found.pid;
}

/** TCP ports (IPv4) at which a process listens, in no order. */
export function portsOf(pid: number): readonly number[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).map((fd) => socketOf(`/proc/${pid}/fd/${fd}`)),
  );
  // proc(5): local address and port in hexadecimal, state, and the socket's inode
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTENING && sockets.has(fields[9]))
    .map((fields) => Number.parseInt(fields[1]?.split(':')[1] ?? '', 16));
}

const LISTENING = '0A';

/** Its inode; undefined of anything else. */
function socketOf(path: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(path))?.[1];
  } catch {
    // it was closed meanwhile
    return undefined;
  }
}
