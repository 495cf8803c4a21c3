/** REQUEST_TIMEOUT: a request that takes longer is answered at once, whatever its work is doing. */
import type { Awaitable } from '../awaitable.ts';
import { SpareControllers } from '../spare-controllers.ts';
import { overBudget } from './budgets.ts';

const controllers = new SpareControllers();

/**
 * Runs `work` with a signal that fires as `signal` does, and when the time is over.
 *
 * @param limitMs `Infinity`: no limit.
 * @throws {ServerError} `timed-out`, which is the reason of the signal then; whatever `work` throws.
 */
export function withinTime<T>(
  signal: AbortSignal,
  limitMs: number,
  work: (signal: AbortSignal) => Awaitable<T>,
): Awaitable<T> {
  if (limitMs === Infinity) return work(signal);
  const limit = controllers.take();
  if (signal.aborted) limit.abort(signal.reason);
  const result = work(limit.signal);
  if (result instanceof Promise) return race(result, limit, { signal, limitMs });
  controllers.giveBack(limit);
  return result;
}

interface Bounds {
  readonly signal: AbortSignal;
  readonly limitMs: number;
}

async function race<T>(work: Promise<T>, limit: AbortController, { signal, limitMs }: Bounds): Promise<T> {
  const leave = (): void => limit.abort(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  let isDone = false;
  let timer: NodeJS.Timeout | undefined;
  // What has no ear for the signal (a file system that hangs) is not waited for either.
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const reason = overBudget('time', { limitMs });
      limit.abort(reason);
      reject(reason);
    }, limitMs);
  });
  try {
    const result = await Promise.race([work, over]);
    isDone = true;
    return result;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', leave);
    if (isDone) controllers.giveBack(limit);
  }
}
