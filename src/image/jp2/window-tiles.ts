/** The tiles that a window touches, one by one, with the code-blocks that it needs of each. */
import type { Cancellation } from '../reader.ts';
import { coarser, tileBounds, type Canvas } from './codestream/canvas.ts';
import { Chunks } from './codestream/chunks.ts';
import type { Codestream } from './codestream/codestream.ts';
import type { Bounds, TileWindow } from './core/types.ts';
import { intersection } from './core/window.ts';
import { damagedJp2 } from './damage.ts';
import type { TilePackets } from './packets/tile-packets.ts';
import { readBlocks } from './packets/window-blocks.ts';
import type { ComponentWish } from './packets/window-needs.ts';
import { componentWindow, type WindowWish } from './picture-window.ts';

/** A component of a tile: where its samples belong. */
export interface PlacedComponent {
  readonly component: number;
  /** Halvings that are left to do, because this tile has fewer levels than the main header says. */
  readonly reductionLeft: number;
  /** At the wanted reduction. */
  readonly target: Bounds;
}

export interface DecodableTile {
  readonly tile: TileWindow;
  readonly components: readonly PlacedComponent[];
  /** Of the first component, at the wanted reduction. */
  readonly place: Bounds;
}

/** The tiles that a window touches, with the code-blocks that it needs; those that the file lacks are left out. */
export async function* decodableTiles(
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
