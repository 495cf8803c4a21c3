/** Equal work in flight is done once; it is stopped when nobody waits for it any more, and failures are forgotten. */
import type { Awaitable } from '../awaitable.ts';
import { SpareControllers } from '../spare-controllers.ts';

interface Flight<T> {
  readonly result: Promise<T>;
  readonly stop: AbortController;
  waiters: number;
}

export interface Landed<T> {
  readonly value: T;
  /** The work had been started by another caller. */
  readonly isShared: boolean;
}

/** Shares work by key. Nothing is kept after it ends: caches are other people's business. */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>();
  readonly #controllers = new SpareControllers();

  /** Pieces of work in flight. */
  get size(): number {
    return this.#flights.size;
  }

  /**
   * Starts `work`, or joins the equal one that is under way; work that is done at once leaves nothing to join.
   *
   * @param signal of this caller; when it fires the caller gets its reason at once, and the work goes on for the
   * others. The signal that `work` gets fires when the last caller has left.
   */
  run(key: string, signal: AbortSignal, work: (signal: AbortSignal) => Awaitable<T>): Awaitable<Landed<T>> {
    signal.throwIfAborted();
    const existing = this.#flights.get(key);
    if (existing !== undefined) return this.#join(key, existing, signal, true);
    const stop = this.#controllers.take();
    const result = work(stop.signal);
    if (result instanceof Promise) return this.#join(key, this.#track(key, result, stop), signal, false);
    this.#controllers.giveBack(stop);
    return { value: result, isShared: false };
  }

  async #join(key: string, flight: Flight<T>, signal: AbortSignal, isShared: boolean): Promise<Landed<T>> {
    flight.waiters++;
    try {
      return { value: await raceWithSignal(flight.result, signal), isShared };
    } finally {
      this.#leave(key, flight, signal);
    }
  }

  #track(key: string, result: Promise<T>, stop: AbortController): Flight<T> {
    const flight: Flight<T> = { result, stop, waiters: 0 };
    this.#flights.set(key, flight);
    flight.result.then(
      () => {
        this.#forget(key, flight);
        this.#controllers.giveBack(stop);
      },
      () => this.#forget(key, flight),
    );
    return flight;
  }

  /** The work learns why the last one left. */
  #leave(key: string, flight: Flight<T>, signal: AbortSignal): void {
    flight.waiters--;
    if (flight.waiters > 0 || this.#flights.get(key) !== flight) return;
    this.#forget(key, flight);
    flight.stop.abort(signal.reason);
  }

  #forget(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}

/** The result, or the signal's reason when that comes first. */
function raceWithSignal<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', leave, { once: true });
    const stay = (): void => signal.removeEventListener('abort', leave);
    result.then(
      (value) => {
        stay();
        resolve(value);
      },
      (error: Error) => {
        stay();
        reject(error);
      },
    );
  });
}
