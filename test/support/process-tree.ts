/** What Linux tells of a program and of the processes it started: processor time and memory. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Ticks a second in /proc, on every Linux that Node runs on. */
const TICKS = 100;

const MEGABYTE = 2 ** 20;

/** `pid` and everything below it. */
export function processTree(pid: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statFields(Number(name))[1] ?? 0);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const tree = [pid];
  for (const member of tree) tree.push(...(children.get(member) ?? []));
  return tree;
}

/** User and system time of all threads so far. */
export function cpuSeconds(pids: readonly number[]): number {
  return sum(pids, (pid) => {
    const fields = statFields(pid);
    return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS;
  });
}

/** Resident memory now, or at its highest since `resetPeak`. */
export function memoryMegabytes(pids: readonly number[], which: 'now' | 'peak'): number {
  const field = which === 'now' ? 'VmRSS' : 'VmHWM';
  return sum(pids, (pid) => {
    const kilobytes = new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(textOf(`/proc/${pid}/status`))?.[1] ?? 0;
    return (Number(kilobytes) * 1024) / MEGABYTE;
  });
}

export function resetPeak(pids: readonly number[]): void {
  for (const pid of pids) unlessEnded(() => writeFileSync(`/proc/${pid}/clear_refs`, '5'));
}

/** Fields of /proc/PID/stat from the state on; empty when the process has gone. */
function statFields(pid: number): readonly string[] {
  return textOf(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ');
}

const textOf = (path: string): string => unlessEnded(() => readFileSync(path, 'utf8')) ?? '';

/** undefined when the process ended while we looked. */
function unlessEnded<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw thrown;
  }
}

const sum = (pids: readonly number[], of: (pid: number) => number): number =>
  pids.reduce((total, pid) => total + of(pid), 0);
