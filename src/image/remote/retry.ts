/** Tries again what may go well the next time: after a random pause, so that many do not come back at once. */

export interface RetryOptions {
  readonly attempts: number;
  /** Pauses are random, up to this times 2, 4, … */
  readonly baseMs: number;
  readonly maxMs: number;
  readonly sleep: (ms: number) => Promise<void>;
  /** 0 to 1. */
  readonly random: () => number;
}

/** Thrown by an attempt that is to be repeated; `cause` is what the caller gets when there are no more. */
export class Transient extends Error {
  /** What the server asked for. */
  readonly waitMs: number | undefined;

  constructor(cause: Error, waitMs?: number) {
    super('transient', { cause });
    this.waitMs = waitMs;
  }
}

/** @throws the cause of the last `Transient`, and anything else at once. */
export async function retrying<T>(
  attempt: () => Promise<T>,
  options: RetryOptions,
  onRetry: () => void,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (thrown) {
      if (!(thrown instanceof Transient)) throw thrown;
      if (tries >= options.attempts) throw thrown.cause;
      onRetry();
      await options.sleep(pauseMs(tries, thrown.waitMs, options));
    }
  }
}

/** Full jitter; never shorter than the server asked for, within reason. */
function pauseMs(tries: number, waitMs: number | undefined, { baseMs, maxMs, random }: RetryOptions): number {
  const most = Math.min(maxMs, baseMs * 2 ** tries);
  return Math.max(random() * most, Math.min(waitMs ?? 0, maxMs));
}
