/** A window by way of OpenJPEG: the tiles that it touches are cut out, and another process decodes them. */
import { isAbort } from '../../../errors.ts';
import type { Cancellation } from '../../reader.ts';
import type { Raster } from '../../raster.ts';
import type { Canvas } from '../codestream/canvas.ts';
import type { Codestream } from '../codestream/codestream.ts';
import type { MainHeader } from '../codestream/main-header.ts';
import type { Bounds } from '../core/types.ts';
import { cutOut, type CutOut, type TileRange } from '../cut-out.ts';
import type { PictureBands } from '../picture/bands.ts';
import { paint, type Plane } from '../picture/paint.ts';
import { componentWindow, type WindowWish } from '../picture-window.ts';
import type { WindowDecoder } from './decoder.ts';
import type { NativePlane } from './messages.ts';

/** Larger cut-outs are left to the other decoder, which reads only what it needs of them. */
const MAX_BYTES = 64 * 2 ** 20;

/** Samples come as 32-bit integers, and places on the reference grid are given as such. */
const MAX_PRECISION = 31;
const MAX_PLACE = 2 ** 31 - 1;

/** A process that dies may have been killed by somebody; twice with one window is no accident. */
const MAX_TRIES = 2;

/** Those that have ended the process twice. */
const hopeless = new WeakSet<Codestream>();

/**
 * @returns undefined for what is left to the decoder `builtin`: what OpenJPEG refuses, is missing for, or dies of.
 * @throws `AbortError` before anything is decoded.
 */
export async function decodeNatively(
  decoder: WindowDecoder,
  codestream: Codestream,
  bands: PictureBands,
  wish: WindowWish,
  cancellation: Cancellation,
): Promise<Raster | undefined> {
  const { canvas } = codestream.header;
  const components = [...new Set(bands.sources.map(({ component }) => component))];
  const windows = components.map((component) => componentWindow(canvas, canvas.components[component]!, wish));
  const area = areaOf(canvas, components, windows, wish.reduction);
  if (hopeless.has(codestream) || isHighThroughput(codestream.header) || !isWithinReach(canvas, area))
    return undefined;
  cancellation.throwIfAborted();
  const cut = await tryToCut(codestream, tilesOf(canvas, area));
  if (cut === undefined) return undefined;
  const { reduction, layers } = wish;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    cancellation.throwIfAborted();
    const result = await decoder.decode({ bytes: cut.bytes, area, reduction, layers, components });
    switch (result.kind) {
      case 'planes':
        return paintPlanes(canvas, bands, wish, { components, windows, planes: result.planes });
      case 'refused':
      case 'unavailable':
        return undefined;
      case 'died':
    }
  }
  hopeless.add(codestream);
  return undefined;
}

/** What a window shows, from the first sample of any component to the last, on the reference grid. */
function areaOf(
  { components: sizes }: Canvas,
  components: readonly number[],
  windows: readonly Bounds[],
  reduction: number,
): Bounds {
  const area = { x0: Infinity, y0: Infinity, x1: 0, y1: 0 };
  windows.forEach(({ x0, y0, x1, y1 }, i) => {
    const size = sizes[components[i]!]!;
    const [dx, dy] = [size.dx * 2 ** reduction, size.dy * 2 ** reduction];
    area.x0 = Math.min(area.x0, x0 * dx);
    area.y0 = Math.min(area.y0, y0 * dy);
    area.x1 = Math.max(area.x1, (x1 - 1) * dx + 1);
    area.y1 = Math.max(area.y1, (y1 - 1) * dy + 1);
  });
  return area;
}

function isWithinReach({ x1, y1, components }: Canvas, area: Bounds): boolean {
  return (
    Math.max(x1, y1) <= MAX_PLACE &&
    area.x1 > area.x0 &&
    area.y1 > area.y0 &&
    components.every(({ precision }) => precision <= MAX_PRECISION)
  );
}

/** OpenJPEG (2.5.0) gives gray for parts of such tiles. */
function isHighThroughput({ settings }: MainHeader): boolean {
  const codings = [settings.coding?.component, ...settings.componentCodings.values()];
  return codings.some((coding) => coding?.style.highThroughput === true);
}

function tilesOf({ tileX0, tileY0, tileWidth, tileHeight }: Canvas, area: Bounds): TileRange {
  return {
    x0: Math.floor((area.x0 - tileX0) / tileWidth),
    y0: Math.floor((area.y0 - tileY0) / tileHeight),
    x1: Math.floor((area.x1 - 1 - tileX0) / tileWidth) + 1,
    y1: Math.floor((area.y1 - 1 - tileY0) / tileHeight) + 1,
  };
}

/** What cannot be cut out is told by the other decoder, which comes upon it as well. */
async function tryToCut(codestream: Codestream, tiles: TileRange): Promise<CutOut | undefined> {
  try {
    return await cutOut(codestream, tiles, MAX_BYTES);
  } catch (error) {
    if (isAbort(error)) throw error;
    return undefined;
  }
}

interface Decoded {
  readonly components: readonly number[];
  /** What is needed of each. */
  readonly windows: readonly Bounds[];
  readonly planes: readonly NativePlane[];
}

/** undefined when the library's planes are not where they should be. */
function paintPlanes(
  canvas: Canvas,
  bands: PictureBands,
  { window }: WindowWish,
  { components, windows, planes }: Decoded,
): Raster | undefined {
  const placed: (Plane | undefined)[] = canvas.components.map(() => undefined);
  for (const [i, component] of components.entries()) {
    const [plane, wanted] = [planes[i], windows[i]!];
    if (plane === undefined || !isInside(wanted, plane)) return undefined;
    const { dx, dy } = canvas.components[component]!;
    placed[component] = { ...plane, dx, dy };
  }
  return paint(bands, window, placed);
}

function isInside(inner: Bounds, outer: Bounds): boolean {
  return inner.x0 >= outer.x0 && inner.y0 >= outer.y0 && inner.x1 <= outer.x1 && inner.y1 <= outer.y1;
}
