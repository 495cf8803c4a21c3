/** How a tile is divided: components, resolutions, bands, precincts (ISO/IEC 15444-1, B.5 to B.7). */
import { ServerError } from '../../../errors.ts';
import { coarser, tileBounds, type Canvas } from '../codestream/canvas.ts';
import type { Exponents } from '../codestream/coding-style.ts';
import type { ComponentParameters, TileParameters } from '../codestream/parameters.ts';
import { bandStep } from '../codestream/quantization.ts';
import type { Bounds, Orientation } from '../core/types.ts';

export interface BandGeometry extends Bounds {
  readonly orientation: Orientation;
  readonly exponent: number;
  readonly mantissa: number;
  readonly magnitudeBits: number;
}

export interface ResolutionGeometry extends Bounds {
  readonly component: number;
  readonly resolution: number;
  readonly bands: readonly BandGeometry[];
  /** Sizes of its precincts, in its own samples. */
  readonly precinct: Exponents;
  /** The same in samples of its bands. */
  readonly bandPrecinct: Exponents;
  readonly block: Exponents;
  /** The grid of precincts: where it begins, in whole precincts from the origin, and how large it is. */
  readonly firstColumn: number;
  readonly firstRow: number;
  readonly columns: number;
  readonly rows: number;
  /** Number of its first precinct among all of the tile; the others follow row by row. */
  readonly firstPrecinct: number;
}

export interface ComponentGeometry extends Bounds {
  readonly parameters: ComponentParameters;
  readonly dx: number;
  readonly dy: number;
  /** The lowest first. */
  readonly resolutions: readonly ResolutionGeometry[];
}

export interface TileGeometry extends Bounds {
  readonly components: readonly ComponentGeometry[];
  /** All resolutions by their `firstPrecinct`. */
  readonly resolutions: readonly ResolutionGeometry[];
  readonly precinctCount: number;
}

/** As many as a picture of 65,536 pixels squared in precincts of 64 has. */
const MAX_PRECINCTS = 2 ** 22;

/** @throws {ServerError} `too-large`. */
export function tileGeometry(canvas: Canvas, parameters: TileParameters, tile: number): TileGeometry {
  const bounds = tileBounds(canvas, tile);
  let firstPrecinct = 0;
  const components = parameters.components.map((own, component): ComponentGeometry => {
    const { dx, dy } = canvas.components[component]!;
    const area = coarser(bounds, dx, dy);
    const resolutions: ResolutionGeometry[] = [];
    for (let resolution = 0; resolution <= own.coding.levels; resolution++) {
      const geometry = resolutionGeometry(area, own, { component, resolution, firstPrecinct });
      firstPrecinct += geometry.columns * geometry.rows;
      if (firstPrecinct > MAX_PRECINCTS) throw new ServerError('too-large', 'a tile has too many precincts');
      resolutions.push(geometry);
    }
    const { x0, y0, x1, y1 } = area;
    return { x0, y0, x1, y1, parameters: own, dx, dy, resolutions };
  });
  const resolutions = components.flatMap((component) => component.resolutions);
  return { ...bounds, components, resolutions, precinctCount: firstPrecinct };
}

interface Place {
  readonly component: number;
  readonly resolution: number;
  readonly firstPrecinct: number;
}

/** Written out field by field: thousands of these are made, and copying objects costs ten times as much. */
function resolutionGeometry(area: Bounds, own: ComponentParameters, place: Place): ResolutionGeometry {
  const { coding } = own;
  const { component, resolution, firstPrecinct } = place;
  const precinct = coding.precincts[resolution] ?? { x: 15, y: 15 };
  const isLowest = resolution === 0;
  const bandPrecinct = isLowest ? precinct : { x: precinct.x - 1, y: precinct.y - 1 };
  const step = 2 ** (coding.levels - resolution);
  const { x0, y0, x1, y1 } = coarser(area, step, step);
  const isEmpty = x1 <= x0 || y1 <= y0;
  const width = 2 ** precinct.x;
  const height = 2 ** precinct.y;
  const firstColumn = Math.floor(x0 / width);
  const firstRow = Math.floor(y0 / height);
  return {
    x0,
    y0,
    x1,
    y1,
    component,
    resolution,
    firstPrecinct,
    bands: bandsOf(area, own, resolution),
    precinct,
    bandPrecinct,
    block: { x: Math.min(coding.block.x, bandPrecinct.x), y: Math.min(coding.block.y, bandPrecinct.y) },
    firstColumn,
    firstRow,
    columns: isEmpty ? 0 : Math.ceil(x1 / width) - firstColumn,
    rows: isEmpty ? 0 : Math.ceil(y1 / height) - firstRow,
  };
}

const LOWEST: readonly (readonly [Orientation, number, number])[] = [['LL', 0, 0]];
const DETAIL: readonly (readonly [Orientation, number, number])[] = [
  ['HL', 1, 0],
  ['LH', 0, 1],
  ['HH', 1, 1],
];

/** Equation B-15. */
function bandsOf(
  area: Bounds,
  { coding, quantization }: ComponentParameters,
  resolution: number,
): BandGeometry[] {
  const depth = resolution === 0 ? coding.levels : coding.levels - resolution + 1;
  const step = 2 ** depth;
  const half = step / 2;
  return (resolution === 0 ? LOWEST : DETAIL).map(([orientation, right, down], band) => {
    const { exponent, mantissa } = bandStep(quantization, resolution, band);
    return {
      orientation,
      x0: Math.ceil((area.x0 - half * right) / step),
      y0: Math.ceil((area.y0 - half * down) / step),
      x1: Math.ceil((area.x1 - half * right) / step),
      y1: Math.ceil((area.y1 - half * down) / step),
      exponent,
      mantissa,
      magnitudeBits: quantization.guardBits + exponent - 1,
    };
  });
}

/** The resolution that a precinct belongs to. */
export function resolutionOf({ resolutions }: TileGeometry, precinct: number): ResolutionGeometry {
  let low = 0;
  let high = resolutions.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (resolutions[middle]!.firstPrecinct <= precinct) low = middle;
    else high = middle - 1;
  }
  return resolutions[low]!;
}
