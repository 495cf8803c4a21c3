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
  // One that has ended and was not waited for yet has none.
  const kilobytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  return { megabytes: Math.round(kilobytes / 1024), descriptors: (await readdir(`/proc/${pid}/fd`)).length };
}

/** Names and values that a process was started with. */
export function environmentOf(pid: number): Readonly<Record<string, string>> {
  const pairs = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
  return Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s).slice(0, 2) as [string, string]));
}

/** Of these names those that are not about the channel of Node.js to its child. */
export const foreignNames = (environment: Readonly<Record<string, string>>): readonly string[] =>
  Object.keys(environment).filter((name) => !name.startsWith('NODE_CHANNEL_'));

/** Processes that any thread of a process has started, and that have not ended. */
export function childrenOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    const list = `/proc/${pid}/task/${thread}/children`;
    // A thread may have ended since it was seen.
    return existsSync(list) ? readFileSync(list, 'utf8').split(' ').filter(Boolean).map(Number) : [];
  });
}

/** Both, all the processes that were started by it, and so on. */
export function familyOf(pid: number): readonly number[] {
  return [pid, ...childrenOf(pid).flatMap(familyOf)];
}

/** Memory of a process and of all that it has started, in MB: what processes share counts once (PSS). */
export async function familyMegabytes(pid: number): Promise<number> {
  const kilobytes = await Promise.all(familyOf(pid).map(sharedKilobytes));
  return Math.round(kilobytes.reduce((sum, each) => sum + each, 0) / 1024);
}

async function sharedKilobytes(pid: number): Promise<number> {
  try {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0);
  } catch (error) {
    // It may have ended since it was seen.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return 0;
    throw error;
  }
}
