/** Makes quick pictures in the thread that asks, and hands everything else on. */
import type { ImageReader } from '../image/reader.ts';
import type { ByteRaster } from '../processing/rasters.ts';
import type { FindReader } from './copy.ts';
import type { RenderPixels } from './picture.ts';
import type { RenderPlan } from './plan.ts';
import { isQuick } from './quick.ts';

export interface HereParts {
  readonly findReader: FindReader;
  /** Milliseconds; only differences count. */
  readonly now: () => number;
  readonly mark?: ByteRaster;
}

/** What was thought quick and took longer than this is handed on for a while. */
const TOO_LONG_MS = 6;
const CAUTION_MS = 2_000;

/**
 * A `RenderPixels` that makes quick pictures itself. A picture of this image that took too long, whatever the reason,
 * sends the image's next ones to `elsewhere` for some seconds.
 */
export function renderingHere(elsewhere: RenderPixels, { findReader, now, mark }: HereParts): RenderPixels {
  const cautiousUntil = new WeakMap<ImageReader, number>();
  return async (plan, signal) => {
    const reader = await findReader(plan.source);
    if (!isQuick(plan, reader.info)) return elsewhere(plan, signal);
    const start = now();
    if (start < (cautiousUntil.get(reader) ?? 0)) return elsewhere(plan, signal);
    const bytes = await make(plan, reader, mark);
    const end = now();
    if (end - start > TOO_LONG_MS && isWarm) cautiousUntil.set(reader, end + CAUTION_MS);
    isWarm = true;
    return { bytes, origin: 'rendered' };
  };
}

/** The first picture waits for the modules that make it. */
let isWarm = false;

/** Nobody can leave while this thread computes. */
const cancellation = { throwIfAborted: (): void => {} };

async function make(
  plan: RenderPlan,
  reader: ImageReader,
  mark: ByteRaster | undefined,
): Promise<Uint8Array> {
  // Loaded here only: a thread that only copies and hands on has no use for encoders.
  const { executePlan } = await import('./execute.ts');
  return executePlan(plan, { reader, cancellation, ...(mark === undefined ? {} : { mark }) });
}
