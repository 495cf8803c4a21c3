/** What the kernel says of a running program: its memory and its open files. */
import { existsSync, readFileSync } from 'node:fs';
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

/** Processes that a process has started, by its main thread, and that run. */
export function childrenOf(pid: number): readonly number[] {
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return list === '' ? [] : list.split(' ').map(Number);
}
