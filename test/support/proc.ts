/** What the kernel says of a running program: its memory and its open files. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
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

/** Processes that any thread of a process has started, and that have not ended. */
export function childrenOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    const list = `/proc/${pid}/task/${thread}/children`;
    // A thread may have ended since it was seen.
    return existsSync(list) ? readFileSync(list, 'utf8').split(' ').filter(Boolean).map(Number) : [];
  });
}
