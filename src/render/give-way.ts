/** Lets threads that listen go before those that render, where the system can tell threads apart. */
import os from 'node:os';

/** Beside threads that always have something to do, one that is nicer by so much gets a tenth of a processor. */
const NICER_BY = 10;

/** The thread that asks; for `os` and `setpriority(2)` of Linux it is what elsewhere is the whole process. */
const THIS_THREAD = 0;

/**
 * Makes the calling thread, and the processes that it starts from now on, yield to others: exports take seconds,
 * cached tiles a tenth of a millisecond, and who waits for those is not to wait for a scheduler's turn. Without work
 * for others nothing is lost.
 */
export function giveWay(platform = os.platform()): void {
  if (platform !== 'linux') return;
  const { PRIORITY_LOW: lowest } = os.constants.priority;
  os.setPriority(THIS_THREAD, Math.min(lowest, os.getPriority(THIS_THREAD) + NICER_BY));
}
