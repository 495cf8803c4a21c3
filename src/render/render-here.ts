/** Makes quick pictures in the thread that asks, and hands everything else on. */
import type { ImageReader } from '../image/reader.ts';
import { StageClock, type ReadClock } from '../metrics/stage-clock.ts';
import type { ByteRaster } from '../processing/rasters.ts';
import type { FindReader } from './copy.ts';
import type { RenderPixels } from './picture.ts';
import { isQuick } from './quick.ts';

export interface HereParts {
  readonly findReader: FindReader;
  /** Milliseconds; only differences count. */
  readonly now: () => number;
  /** Of this thread. */
  readonly reads: ReadClock;
  readonly mark?: ByteRaster;
}

/** What was thought quick and took longer than this is handed on for a while. */
const TOO_LONG_MS = 6;
const CAUTION_MS = 2_000;

/**
 * A `RenderPixels` that makes quick pictures itself. A picture of this image that took too long, whatever the reason,
 * sends the image's next ones to `elsewhere` for some seconds.
 */
export function renderingHere(elsewhere: RenderPixels, parts: HereParts): RenderPixels {
  const { findReader, now, reads, mark } = parts;
  const cautiousUntil = new WeakMap<ImageReader, number>();
  return async (plan, signal) => {
    const reader = await findReader(plan.source);
    if (!isQuick(plan, reader.info)) return elsewhere(plan, signal);
    const start = now();
    if (start < (cautiousUntil.get(reader) ?? 0)) return elsewhere(plan, signal);
    // Loaded here only: a thread that only copies and hands on has no use for encoders.
    const { executePlan } = await import('./execute.ts');
    const clock = new StageClock(reads);
    const bytes = await executePlan(plan, {
      reader,
      cancellation,
      clock,
      ...(mark === undefined ? {} : { mark }),
    });
    const stages = clock.read();
    const end = now();
    if (end - start > TOO_LONG_MS && isWarm) cautiousUntil.set(reader, end + CAUTION_MS);
    isWarm = true;
    return { bytes, origin: 'rendered', stages };
  };
}

/** The first picture waits for the modules that make it. */
let isWarm = false;

/** Nobody can leave while this thread computes. */
const cancellation = { throwIfAborted: (): void => {} };
