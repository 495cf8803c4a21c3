/** A window of a codestream at one reduction: tile by tile through the core, into planes or straight into a raster. */
import type { Cancellation } from '../reader.ts';
import { allocateSamples, type Raster } from '../raster.ts';
import { Chunks } from './codestream/chunks.ts';
import { coarser, tileBounds, type Canvas, type ComponentSize } from './codestream/canvas.ts';
import type { Codestream } from './codestream/codestream.ts';
import { decodeTile, decodeTileInto } from './core/decode-tile.ts';
import type { Bounds, TileWindow } from './core/types.ts';
import { damagedJp2 } from './damage.ts';
import { readBlocks, type ComponentWish } from './packets/window-blocks.ts';
import type { TilePackets } from './packets/tile-packets.ts';
import type { PictureBands } from './picture/bands.ts';
import { expansionTo, finish, paint, type PictureWindow, type Plane } from './picture/paint.ts';

export interface WindowWish {
  /** Pixels of the picture at this reduction, from the canvas's origin. */
  readonly window: PictureWindow;
  /** Halvings of the full size; no component has fewer levels in the main header. */
  readonly reduction: number;
  readonly layers: number;
  /** Whether damage is an error (KAKADU_READMODE 1) or shown as far as it can be. */
  readonly isStrict: boolean;
}

/** Pixels are as far apart as the samples of the finest component. */
export function pixelStep({ components }: Canvas): { readonly dx: number; readonly dy: number } {
  const least = (steps: readonly number[]): number => steps.reduce((a, b) => Math.min(a, b));
  return { dx: least(components.map(({ dx }) => dx)), dy: least(components.map(({ dy }) => dy)) };
}

/** The picture's pixels at a reduction. */
export function pictureBounds(canvas: Canvas, reduction: number): PictureWindow {
  const { dx, dy } = pixelStep(canvas);
  return { ...coarser(canvas, dx * 2 ** reduction, dy * 2 ** reduction), dx, dy };
}

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

/** The part of a component that a window shows, inside the component. */
export function componentWindow(
  canvas: Canvas,
  { dx, dy }: ComponentSize,
  { window, reduction }: WindowWish,
): Bounds {
  const all = coarser(canvas, dx * 2 ** reduction, dy * 2 ** reduction);
  const within = (sample: number, first: number, end: number): number =>
    Math.min(Math.max(sample, first), end - 1);
  return {
    x0: within(Math.floor((window.x0 * window.dx) / dx), all.x0, all.x1),
    y0: within(Math.floor((window.y0 * window.dy) / dy), all.y0, all.y1),
    x1: within(Math.floor(((window.x1 - 1) * window.dx) / dx), all.x0, all.x1) + 1,
    y1: within(Math.floor(((window.y1 - 1) * window.dy) / dy), all.y0, all.y1) + 1,
  };
}

function emptyPlane(canvas: Canvas, component: number, wish: WindowWish): Plane {
  const size = canvas.components[component]!;
  const bounds = componentWindow(canvas, size, wish);
  const samples = new Int32Array((bounds.x1 - bounds.x0) * (bounds.y1 - bounds.y0));
  return { ...bounds, samples, dx: size.dx, dy: size.dy };
}

/** A component of a tile: where its samples belong. */
interface PlacedComponent {
  readonly component: number;
  /** Halvings that are left to do, because this tile has fewer levels than the main header says. */
  readonly reductionLeft: number;
  /** At the wanted reduction. */
  readonly target: Bounds;
}

interface DecodableTile {
  readonly tile: TileWindow;
  readonly components: readonly PlacedComponent[];
  /** Of the first component, at the wanted reduction. */
  readonly place: Bounds;
}

/** The tiles that a window touches, with the code-blocks that it needs; those that the file lacks are left out. */
async function* decodableTiles(
  codestream: Codestream,
  wish: WindowWish,
  components: readonly number[],
  cancellation: Cancellation,
): AsyncGenerator<DecodableTile, void> {
  const { canvas } = codestream.header;
  const windows = components.map((component) => componentWindow(canvas, canvas.components[component]!, wish));
  const { first } = await codestream.tileParts();
  for (const number of tilesOf(canvas, components, windows, wish.reduction)) {
    // A damaged header may speak of thousands of tiles that are not there: they cost nothing.
    if (first[number] === first[number + 1] && !wish.isStrict) continue;
    cancellation.throwIfAborted();
    const tile = await codestream.inTurn(
      () => readTile(codestream, number, { wish, components, windows, cancellation }),
      cancellation,
    );
    if (tile !== undefined) yield tile;
    else if (wish.isStrict) throw damagedJp2('a tile is missing', { tile: number });
  }
}

/** Numbers of the tiles in which some component of the window has samples. */
function tilesOf(
  canvas: Canvas,
  components: readonly number[],
  windows: readonly Bounds[],
  reduction: number,
): number[] {
  let [left, top, right, bottom] = [Infinity, Infinity, -1, -1];
  components.forEach((component, i) => {
    const { dx, dy } = canvas.components[component]!;
    const { x0, y0, x1, y1 } = windows[i]!;
    const column = (x: number): number =>
      Math.min(Math.floor((x * dx * 2 ** reduction - canvas.tileX0) / canvas.tileWidth), canvas.columns - 1);
    const row = (y: number): number =>
      Math.min(Math.floor((y * dy * 2 ** reduction - canvas.tileY0) / canvas.tileHeight), canvas.rows - 1);
    left = Math.min(left, column(x0));
    top = Math.min(top, row(y0));
    right = Math.max(right, column(x1 - 1));
    bottom = Math.max(bottom, row(y1 - 1));
  });
  const tiles: number[] = [];
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) tiles.push(row * canvas.columns + column);
  }
  return tiles;
}

interface TileWish {
  readonly wish: WindowWish;
  readonly components: readonly number[];
  /** Of each component, over all tiles. */
  readonly windows: readonly Bounds[];
  readonly cancellation: Cancellation;
}

async function readTile(
  codestream: Codestream,
  number: number,
  { wish, components, windows, cancellation }: TileWish,
): Promise<DecodableTile | undefined> {
  const chunks = new Chunks(codestream.source);
  const packets = await codestream.tile(number, chunks);
  if (packets === undefined) return undefined;
  const { canvas } = codestream.header;
  const bounds = tileBounds(canvas, number);
  const placed = components.map((component, i) =>
    placeComponent(packets, { component, bounds, canvas }, windows[i]!, wish.reduction),
  );
  const parts = { layers: wish.layers, chunks, cancellation };
  const blocks = await readBlocks(packets, placed.map(({ wish: own }) => own), parts); // prettier-ignore
  codestream.keep(number, packets);
  if (packets.isDamaged && wish.isStrict) throw damagedJp2('a packet is wrong or missing', { tile: number });
  return {
    tile: { components: blocks, hasColorTransform: hasColorTransform(packets, placed) },
    components: placed,
    place: placed[0]!.target,
  };
}

interface TileComponentPlace {
  readonly component: number;
  readonly bounds: Bounds;
  readonly canvas: Canvas;
}

function placeComponent(
  packets: TilePackets,
  { component, bounds, canvas }: TileComponentPlace,
  window: Bounds,
  reduction: number,
): PlacedComponent & { readonly wish: ComponentWish } {
  const size = canvas.components[component]!;
  const { levels } = packets.geometry.components[component]!.parameters.coding;
  const resolution = Math.max(0, levels - reduction);
  const reductionLeft = reduction - (levels - resolution);
  const target = intersection(window, coarser(bounds, size.dx * 2 ** reduction, size.dy * 2 ** reduction));
  const own = packets.geometry.components[component]!.resolutions[resolution]!;
  const wanted = reductionLeft === 0 ? target : scaledUp(target, 2 ** reductionLeft);
  return {
    component,
    reductionLeft,
    target,
    wish: { component, size, resolution, window: intersection(wanted, own) },
  };
}

function intersection(a: Bounds, b: Bounds): Bounds {
  const [x0, y0] = [Math.max(a.x0, b.x0), Math.max(a.y0, b.y0)];
  return { x0, y0, x1: Math.max(x0, Math.min(a.x1, b.x1)), y1: Math.max(y0, Math.min(a.y1, b.y1)) };
}

/** The samples at every `factor`-th place are those that count. */
function scaledUp({ x0, y0, x1, y1 }: Bounds, factor: number): Bounds {
  return { x0: x0 * factor, y0: y0 * factor, x1: (x1 - 1) * factor + 1, y1: (y1 - 1) * factor + 1 };
}

/** Only components of one size can be transformed together. */
function hasColorTransform(
  packets: TilePackets,
  placed: readonly (PlacedComponent & { wish: ComponentWish })[],
): boolean {
  if (!packets.header.parameters.hasColorTransform || placed.length < 3) return false;
  const windows = placed.slice(0, 3).map(({ wish }) => wish.window);
  const isSame = (a: Bounds, b: Bounds): boolean =>
    a.x0 === b.x0 && a.y0 === b.y0 && a.x1 === b.x1 && a.y1 === b.y1;
  return placed.slice(0, 3).every(({ component }, i) => component === i && isSame(windows[i]!, windows[0]!));
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
