/**
 * Milliseconds in which this program ran. On a machine that has no time for it, the server under soak stands still, too: what
 * takes long by the clock on the wall is no fault of the server then.
 */
import { setTimeout as sleep } from 'node:timers/promises';

const TICK_MS = 500;

let ticks = 0;
setInterval(() => (ticks += 1), TICK_MS).unref();

/** A tick that comes late counts once, however late it is. */
export const awakeMs = (): number => ticks * TICK_MS;

/** Resolves after so long, or rejects when `signal` fires. */
export async function sleepAwake(ms: number, signal: AbortSignal): Promise<void> {
  const end = awakeMs() + ms;
  while (awakeMs() < end) await sleep(TICK_MS, undefined, { signal });
}
