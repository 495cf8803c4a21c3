/** Which precincts, and which parts of bands, a window of a tile-component needs. */
import type { ComponentSize } from '../codestream/canvas.ts';
import type { Bounds } from '../core/types.ts';
import { isEmpty, neededBounds } from '../core/window.ts';
import type { ComponentGeometry, ResolutionGeometry, TileGeometry } from './geometry.ts';
import type { TilePackets } from './tile-packets.ts';

/** A window of one component, at one of its resolutions. */
export interface ComponentWish {
  readonly component: number;
  readonly size: ComponentSize;
  readonly resolution: number;
  /** In coordinates of that resolution; inside it. */
  readonly window: Bounds;
}

export interface Need {
  readonly wish: ComponentWish;
  readonly geometry: ComponentGeometry;
  /** Lowest first, up to the wanted one. */
  readonly resolutions: readonly ResolutionGeometry[];
  /** The part of each band of each resolution that is needed. */
  readonly bounds: readonly (readonly Bounds[])[];
  readonly precincts: readonly number[];
  /** Of the needed parts of all bands. */
  readonly samples: number;
}

/** What of a tile a window of one component is made of. */
export function needOf(packets: TilePackets, wish: ComponentWish): Need {
  const geometry = packets.geometry.components[wish.component]!;
  const resolutions = geometry.resolutions.slice(0, wish.resolution + 1);
  const { isReversible } = geometry.parameters.coding;
  const bounds = isEmpty(wish.window)
    ? resolutions.map(({ bands }) => bands.map(() => wish.window))
    : neededBounds({ isReversible, resolutions }, wish.window);
  const precincts = resolutions.flatMap((resolution, r) => precinctsIn(resolution, bounds[r]!));
  const samples = bounds.flat().reduce((sum, part) => sum + areaOf(part), 0);
  return { wish, geometry, resolutions, bounds, precincts, samples };
}

function areaOf({ x0, y0, x1, y1 }: Bounds): number {
  return x1 > x0 && y1 > y0 ? (x1 - x0) * (y1 - y0) : 0;
}

/** Of all components. */
export function samplesOf({ components }: TileGeometry): number {
  return components.reduce((sum, component) => sum + areaOf(component), 0);
}

/** Numbers of the precincts of which some band is needed. */
function precinctsIn(resolution: ResolutionGeometry, bounds: readonly Bounds[]): number[] {
  const { bandPrecinct, firstColumn, firstRow, columns, rows, firstPrecinct } = resolution;
  const parts = bounds.filter((part) => !isEmpty(part));
  if (parts.length === 0 || columns * rows === 0) return [];
  const [width, height] = [2 ** bandPrecinct.x, 2 ** bandPrecinct.y];
  const left = Math.max(Math.floor(Math.min(...parts.map(({ x0 }) => x0)) / width) - firstColumn, 0);
  const top = Math.max(Math.floor(Math.min(...parts.map(({ y0 }) => y0)) / height) - firstRow, 0);
  const right = Math.min(Math.ceil(Math.max(...parts.map(({ x1 }) => x1)) / width) - firstColumn, columns);
  const bottom = Math.min(Math.ceil(Math.max(...parts.map(({ y1 }) => y1)) / height) - firstRow, rows);
  const precincts: number[] = [];
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) precincts.push(firstPrecinct + row * columns + column);
  }
  return precincts;
}
