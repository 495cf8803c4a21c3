/**
 * Pictures made strip by strip, so that memory follows the output and not the pixels that are read for it. Each
 * stage takes the strips of the one before it and gives its own, from the top row to the bottom row.
 */
import { after, type Awaitable } from '../awaitable.ts';
import { rasterOf, type Raster, type Samples } from '../image/raster.ts';
import type { Cancellation, ImageReader, WindowAddress } from '../image/reader.ts';
import { levelOf } from '../geometry.ts';
import { infoOfPage } from '../image/info.ts';
import { recycling } from '../recycling.ts';
import type { StageClock } from '../metrics/stage-clock.ts';
import { Chain, newSamples, typeOf, type MakeSteps } from '../processing/chain.ts';
import type { Strip } from '../processing/resample-plan.ts';
import { RowBuffer, rowsOf } from './row-buffer.ts';

export type Strips = AsyncIterable<Strip>;

/** Samples that a strip has at most, unless a single row of tiles has more. */
export const STRIP_SAMPLES = 2 ** 21;

/** Who may stop the reading, and who is told when it decodes. */
export interface ReadParts {
  readonly cancellation: Cancellation;
  readonly clock?: StageClock | undefined;
}

/** `readWindow` of a reader, with the clock in `decode` meanwhile. */
export function readClocked(
  reader: ImageReader,
  address: WindowAddress,
  { cancellation, clock }: ReadParts,
): Awaitable<Raster> {
  const before = clock?.enter('decode');
  return after(reader.readWindow(address, cancellation), (raster) => {
    if (before !== undefined) clock?.enter(before);
    return raster;
  });
}

/** The window from the top to the bottom, in strips that end where rows of tiles end: no tile is decoded twice. */
export async function* readStrips(reader: ImageReader, address: WindowAddress, parts: ReadParts): Strips {
  const { window } = address;
  for (const { top, height } of stripRows(reader, address)) {
    parts.cancellation.throwIfAborted();
    const rows = { x: window.x, y: window.y + top, width: window.width, height };
    yield { top, raster: await readClocked(reader, { ...address, window: rows }, parts) };
  }
}

/** Rows of the strips of a window, counted from the window's top. */
export function stripRows(
  reader: ImageReader,
  { page, level, window }: WindowAddress,
): readonly { top: number; height: number }[] {
  const info = infoOfPage(reader.info, page);
  const { tileHeight } = levelOf(info, level);
  const tileRows = Math.max(1, Math.floor(STRIP_SAMPLES / (window.width * info.bands * tileHeight)));
  const stripHeight = tileRows * tileHeight;
  const strips: { top: number; height: number }[] = [];
  for (let top = 0; top < window.height;) {
    const untilBoundary = stripHeight - ((window.y + top) % stripHeight);
    const height = Math.min(untilBoundary, window.height - top);
    strips.push({ top, height });
    top += height;
  }
  return strips;
}

/** A stage that looks at each pixel, or each row, by itself. */
export async function* mapStrips(strips: Strips, apply: (raster: Raster) => Awaitable<Raster>): Strips {
  for await (const { top, raster } of strips) {
    const result = await apply(raster);
    giveBackUnless(raster, result.data);
    yield { top, raster: result };
  }
}

/** A stage whose pixels need `reach` rows above and below; the picture's first and last rows have none beyond them. */
export async function* neighborStrips(
  strips: Strips,
  reach: number,
  height: number,
  apply: (raster: Raster) => Raster,
): Strips {
  const buffer = new RowBuffer();
  let done = 0;
  for await (const strip of strips) {
    buffer.append(strip, done - reach);
    recycling.giveBack(strip.raster.data);
    const ready = buffer.bottom === height ? height : buffer.bottom - reach;
    if (ready <= done) continue;
    const top = Math.max(0, done - reach);
    const result = apply(buffer.rows(top, buffer.bottom - top).raster);
    yield { top: done, raster: rowsOf(result, done - top, ready - done) };
    done = ready;
  }
  buffer.release();
}

/** The whole picture of `height` rows, after the steps of a chain. A single strip without steps is the picture. */
export async function collectStrips(
  strips: Strips,
  height: number,
  makers: readonly MakeSteps[] = [],
): Promise<Raster> {
  let chain: Chain | undefined;
  let whole: Raster | undefined;
  for await (const { top, raster } of strips) {
    chain ??= new Chain(typeOf(raster), makers);
    if (raster.height === height) {
      const only = chain.apply(raster);
      giveBackUnless(raster, only.data);
      return only;
    }
    const { width } = raster;
    whole ??= rasterOf({ width, height }, chain.output, newSamples(chain.output, width * height));
    const row = width * chain.output.bands;
    const place = whole.data.subarray(top * row, (top + raster.height) * row);
    if (chain.isEmpty) place.set(raster.data);
    else chain.transfer(raster.data, place);
    recycling.giveBack(raster.data);
  }
  if (whole === undefined) throw new RangeError('a picture without rows');
  return whole;
}

/** Nobody needs a raster any more from which another was made, unless that lies in its memory. */
export function giveBackUnless(used: Raster, made: Samples): void {
  if (made.buffer !== used.data.buffer) recycling.giveBack(used.data);
}
