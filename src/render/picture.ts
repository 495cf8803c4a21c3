/** The result of a plan: a finished file, and how it came about. */
import type { Awaitable } from '../awaitable.ts';
import type { StageTimes } from '../metrics/stage-clock.ts';
import type { Plan, RenderPlan } from './plan.ts';

/** `hit` from the cache, `memcached`, `shared` with an equal request in flight, `copied` as stored, `rendered` new. */
export type PictureOrigin = 'hit' | 'memcached' | 'shared' | 'copied' | 'rendered';

export interface Picture {
  readonly bytes: Uint8Array;
  readonly origin: PictureOrigin;
  /** What its making took; only whoever had it made is told. */
  readonly stages?: StageTimes;
}

/**
 * Carries out a plan; at once where nothing has to be waited for.
 *
 * @throws {ServerError} as readers, steps and encoders do; `AbortError` when `signal` fires first.
 */
export type Render = (plan: Plan, signal: AbortSignal) => Awaitable<Picture>;

/** Makes a picture out of pixels: in a rendering thread, or on the spot in tests. */
export type RenderPixels = (plan: RenderPlan, signal: AbortSignal) => Awaitable<Picture>;
