/** A window of a codestream at one reduction: tile by tile through the core, into planes or straight into a raster. */
import type { Cancellation } from '../reader.ts';
import { allocateSamples, type Raster } from '../raster.ts';
import type { Canvas } from './codestream/canvas.ts';
import type { Codestream } from './codestream/codestream.ts';
import { decodeTile, decodeTileInto } from './core/decode-tile.ts';
import type { Bounds } from './core/types.ts';
import { damagedJp2 } from './damage.ts';
import type { PictureBands } from './picture/bands.ts';
import { expansionTo, finish, paint, type Plane } from './picture/paint.ts';
import { componentWindow, type WindowWish } from './picture-window.ts';
import { decodableTiles } from './window-tiles.ts';

/**
 * @throws {ServerError} `damaged` for what can not be shown, or in strict mode for any damage.
 * @throws `AbortError` between two tiles.
 */
export async function decodeWindow(
  codestream: Codestream,
  bands: PictureBands,
  wish: WindowWish,
  cancellation: Cancellation,
): Promise<Raster> {
  const { canvas } = codestream.header;
  return isPlain(canvas, bands)
    ? decodePlain(codestream, bands, wish, cancellation)
    : decodePlanes(codestream, bands, wish, cancellation);
}

/** Whether bands are components, one by one, of one size and depth, so that the core can write them side by side. */
function isPlain({ components }: Canvas, { sources, rasterBits }: PictureBands): boolean {
  const [first] = components;
  return (
    first !== undefined &&
    rasterBits !== 32 &&
    sources.length === components.length &&
    sources.every(({ component, column }, band) => component === band && column === undefined) &&
    components.every(
      ({ dx, dy, precision }) => dx === first.dx && dy === first.dy && precision === first.precision,
    )
  );
}

async function decodePlain(
  codestream: Codestream,
  bands: PictureBands,
  wish: WindowWish,
  cancellation: Cancellation,
): Promise<Raster> {
  const { window } = wish;
  const { components } = codestream.header.canvas;
  const size = { width: window.x1 - window.x0, height: window.y1 - window.y0 };
  const count = components.length;
  const data = allocateSamples(size.width * size.height * count, bands.rasterBits, 'uint');
  if (!(data instanceof Uint8Array || data instanceof Uint16Array))
    throw new RangeError('samples of 32 bits');
  const all = components.map((_, component) => component);
  for await (const { tile, place, components: placed } of decodableTiles(
    codestream,
    wish,
    all,
    cancellation,
  )) {
    // Such a tile needs more care than the fast way takes.
    if (placed.some(({ reductionLeft }) => reductionLeft > 0)) {
      return decodePlanes(codestream, bands, wish, cancellation);
    }
    const offset = ((place.y0 - window.y0) * size.width + place.x0 - window.x0) * count;
    const { blocks } = decodeTileInto(tile, { data, offset, stride: size.width * count, bands: count });
    if (blocks > 0 && wish.isStrict) throw damagedJp2('a code-block is wrong');
  }
  const { precision } = components[0]!;
  if (precision !== bands.rasterBits) {
    const table = expansionTo(precision, bands.rasterBits);
    for (let i = 0; i < data.length; i++) data[i] = table[data[i]!]!;
  }
  return finish(bands, size, data);
}

async function decodePlanes(
  codestream: Codestream,
  bands: PictureBands,
  wish: WindowWish,
  cancellation: Cancellation,
): Promise<Raster> {
  const { canvas } = codestream.header;
  const wanted = componentsOf(canvas, bands);
  const planes: (Plane | undefined)[] = canvas.components.map(() => undefined);
  for (const component of wanted) planes[component] = emptyPlane(canvas, component, wish);
  for await (const { tile, components } of decodableTiles(codestream, wish, wanted, cancellation)) {
    const { planes: decoded, damage } = decodeTile(tile);
    if (damage.blocks > 0 && wish.isStrict) throw damagedJp2('a code-block is wrong');
    components.forEach(({ component, reductionLeft, target }, i) => {
      const plane = planes[component];
      if (plane !== undefined)
        copyInto(plane, { samples: decoded[i]!, window: tile.components[i]!.window, reductionLeft, target });
    });
  }
  return paint(bands, wish.window, planes);
}

/** Components that bands are made of, and the first three, which may have been transformed together. */
function componentsOf({ components }: Canvas, { sources }: PictureBands): number[] {
  const transformed = components.length >= 3 ? [0, 1, 2] : [];
  return [...new Set([...transformed, ...sources.map(({ component }) => component)])].sort((a, b) => a - b);
}

function emptyPlane(canvas: Canvas, component: number, wish: WindowWish): Plane {
  const size = canvas.components[component]!;
  const bounds = componentWindow(canvas, size, wish);
  const samples = new Int32Array((bounds.x1 - bounds.x0) * (bounds.y1 - bounds.y0));
  return { ...bounds, samples, dx: size.dx, dy: size.dy };
}

interface DecodedSamples {
  readonly samples: Int32Array;
  /** At the resolution at which they were decoded. */
  readonly window: Bounds;
  readonly reductionLeft: number;
  readonly target: Bounds;
}

function copyInto(plane: Plane, { samples, window, reductionLeft, target }: DecodedSamples): void {
  const factor = 2 ** reductionLeft;
  const stride = window.x1 - window.x0;
  for (let y = target.y0; y < target.y1; y++) {
    let to = (y - plane.y0) * (plane.x1 - plane.x0) + target.x0 - plane.x0;
    const from = (y * factor - window.y0) * stride + target.x0 * factor - window.x0;
    if (factor === 1) plane.samples.set(samples.subarray(from, from + target.x1 - target.x0), to);
    else
      for (let x = target.x0, at = from; x < target.x1; x++, at += factor) plane.samples[to++] = samples[at]!;
  }
}
