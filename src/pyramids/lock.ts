/** Who builds a pyramid, told to other processes and machines that share the directory. */
import fs from 'node:fs';
import os from 'node:os';
import { kill, pid as ownPid } from 'node:process';

export const LOCK_SUFFIX = '.lock';

/** A build that takes longer is ended; its lock does not count any more either. */
export const MAX_BUILD_MS = 15 * 60_000;

/**
 * Whoever makes the file may build. A lock whose process has died on this machine is broken at once, one of another
 * machine when its time is over. Two that break a lock at a time may both build; the later pyramid replaces the earlier.
 *
 * @throws what the directory says, when it cannot be written.
 */
export function takeLock(lock: string): boolean {
  if (isDead(lock)) fs.rmSync(lock, { force: true });
  try {
    fs.writeFileSync(lock, ownerText(ownPid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** The lock is from now on that of another process of this machine: it lives as long as that. */
export function passLock(lock: string, pid: number): void {
  fs.writeFileSync(lock, ownerText(pid));
}

/** Takes the lock away where the directory lets it; elsewhere it does not count when its process has ended. */
export function giveUpLock(lock: string): void {
  try {
    fs.rmSync(lock, { force: true });
  } catch {
    // The directory is what is broken: its error is the one that is told.
  }
}

function isDead(lock: string): boolean {
  const stats = fs.statSync(lock, { throwIfNoEntry: false });
  if (stats === undefined) return false;
  if (Date.now() - stats.mtimeMs > MAX_BUILD_MS) return true;
  const [pid, host] = readOwner(lock);
  return host === os.hostname() && /^[1-9]\d*$/.test(pid ?? '') && !isAlive(Number(pid));
}

const ownerText = (pid: number): string => `${pid} ${os.hostname()}\n`;

function readOwner(lock: string): readonly string[] {
  try {
    return fs.readFileSync(lock, 'utf8').trim().split(' ');
  } catch {
    // Taken away meanwhile, or not ours to read: nobody that is known to be dead.
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
