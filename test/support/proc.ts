/** What the kernel says of a running program: its memory and its open files. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';

/** For the option `skip` of a test that measures a program. */
export const PROC_MISSING = existsSync('/proc/self/status') ? false : 'this system has no /proc';

export interface Usage {
  /** Resident memory. */
  readonly megabytes: number;
  readonly descriptors: number;
}

export async function usageOf(pid: number): Promise<Usage> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kilobytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
  return { megabytes: Math.round(kilobytes / 1024), descriptors: (await readdir(`/proc/${pid}/fd`)).length };
}

/** Processes that a program has started and that have not ended. */
export async function childrenOf(pid: number): Promise<readonly number[]> {
  const numbers = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(
    numbers.map((number) => readFile(`/proc/${number}/stat`, 'utf8').catch(() => '')),
  );
  // Behind the name in parentheses: state, number of the parent.
  return numbers.filter((_, i) => /\) (\w) (\d+)/.exec(stats[i]!)?.[2] === String(pid)).map(Number);
}
