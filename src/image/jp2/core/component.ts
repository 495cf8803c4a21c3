/** One tile-component: blocks into bands, bands into resolutions, up to the window that is wanted. */
import { type BandTarget, decodeBlock, type Quantization, styleBits } from './block.ts';
import type { Core } from './module.ts';
import type { Band, Bounds, TileComponent } from './types.ts';
import { isEmpty, type LevelWindow, levelWindows } from './window.ts';

/** Samples of four bytes in the module's memory: integers if reversible, else floats. */
export interface Plane {
  readonly address: number;
  readonly rowBytes: number;
  readonly width: number;
  readonly height: number;
  readonly isFloat: boolean;
}

export interface DecodedComponent {
  readonly plane: Plane;
  readonly damagedBlocks: number;
}

/** Log2 of the nominal gain of each orientation (Table E.1). */
const GAINS = { LL: 0, HL: 1, LH: 1, HH: 2 } as const;
/** How many of a band's two directions are low-pass, less those that are high-pass, halved. */
const LOW_DIRECTIONS = { LL: 1, HL: 0, LH: 0, HH: -1 } as const;
/** The filter's scaling of low-pass samples (Table F.4); that of high-pass ones is its inverse. */
const K = 1.230174104914001;

/** Rows are a multiple of eight samples apart, as the module's transforms want them. */
const ROW_ALIGNMENT = 32;

/** Decodes `window` of the highest resolution. The plane is the last thing allocated when this returns. */
export function decodeComponent(core: Core, component: TileComponent, window: Bounds): DecodedComponent {
  const levels = levelWindows(component, window);
  const top = levels.length - 1;
  const result = allocatePlane(core, component, levels[top]!.computed);
  const end = result.address + result.rowBytes * result.height;
  let damagedBlocks = 0;
  let below: Plane | undefined;
  for (const [r, level] of levels.entries()) {
    if (isEmpty(level.computed)) continue;
    const plane = r === top ? result : allocatePlane(core, component, level.computed);
    core.bytes.fill(0, plane.address, plane.address + plane.rowBytes * plane.height);
    damagedBlocks += decodeBands(core, component, r, level, plane);
    if (r > 0) synthesize(core, level.computed, plane, below);
    below = part(plane, level);
  }
  core.release(end);
  return { plane: part(result, levels[top]!), damagedBlocks };
}

function allocatePlane(core: Core, { isReversible }: TileComponent, { x0, y0, x1, y1 }: Bounds): Plane {
  const width = Math.max(0, x1 - x0);
  const height = Math.max(0, y1 - y0);
  const rowBytes = Math.ceil((width * 4) / ROW_ALIGNMENT) * ROW_ALIGNMENT;
  return { address: core.allocate(rowBytes * height), rowBytes, width, height, isFloat: !isReversible };
}

/** The wanted window in a plane that holds the computed one. */
function part(plane: Plane, { wanted, computed }: LevelWindow): Plane {
  return {
    ...plane,
    address: plane.address + (wanted.y0 - computed.y0) * plane.rowBytes + (wanted.x0 - computed.x0) * 4,
    width: Math.max(0, wanted.x1 - wanted.x0),
    height: Math.max(0, wanted.y1 - wanted.y0),
  };
}

function decodeBands(
  core: Core,
  component: TileComponent,
  r: number,
  { computed, bands }: LevelWindow,
  plane: Plane,
): number {
  const style = styleBits(component.style);
  let damaged = 0;
  for (const [i, band] of component.resolutions[r]!.bands.entries()) {
    const bounds = bands[i]!;
    if (isEmpty(bounds)) continue;
    const target = bandTarget(plane, computed, band, bounds, r === 0);
    const quantization = { step: stepOf(component, r, band), roiShift: component.roiShift };
    damaged += decodeBlocks(core, band, style, quantization, target);
  }
  return damaged;
}

function decodeBlocks(
  core: Core,
  band: Band,
  style: number,
  quantization: Quantization,
  target: BandTarget,
): number {
  const { x0, y0, x1, y1 } = target.bounds;
  let damaged = 0;
  for (const block of band.blocks) {
    const { x, y, width, height } = block;
    if (x >= x1 || y >= y1 || x + width <= x0 || y + height <= y0) continue;
    if (!decodeBlock(core, block, band, style, quantization, target)) damaged++;
  }
  return damaged;
}

/** In rows at even places [room for LL, HL], in rows at odd ones [LH, HH]. */
function bandTarget(
  plane: Plane,
  computed: Bounds,
  band: Band,
  bounds: Bounds,
  isLowest: boolean,
): BandTarget {
  const { address, rowBytes } = plane;
  if (isLowest) return { bounds, address, rowBytes };
  const isRight = band.orientation === 'HL' || band.orientation === 'HH';
  const isOdd = band.orientation === 'LH' || band.orientation === 'HH';
  const lows = Math.ceil(computed.x1 / 2) - Math.ceil(computed.x0 / 2);
  const firstRow = (computed.y0 & 1) === (isOdd ? 1 : 0) ? 0 : 1;
  return {
    bounds,
    address: address + firstRow * rowBytes + (isRight ? lows * 4 : 0),
    rowBytes: rowBytes * 2,
  };
}

/**
 * The step of a band (equation E-3), times what the filters of this resolution and all above would multiply by: the
 * module's 9/7 leaves that out.
 */
function stepOf(component: TileComponent, r: number, band: Band): number | undefined {
  if (component.isReversible) return undefined;
  const { orientation, exponent, mantissa } = band;
  const step = 2 ** (component.precision + GAINS[orientation] - exponent) * (1 + mantissa / 2048);
  const levelsAbove = component.resolutions.length - 1 - r;
  return step * K ** (2 * (levelsAbove + (r === 0 ? 0 : LOW_DIRECTIONS[orientation])));
}

function synthesize(core: Core, computed: Bounds, plane: Plane, below: Plane | undefined): void {
  const inverse = plane.isFloat ? core.exports.inverse97 : core.exports.inverse53;
  const parities = (computed.x0 & 1) | ((computed.y0 & 1) << 1);
  const { address, rowBytes, width, height } = plane;
  inverse(address, rowBytes, width, height, parities, below?.address ?? address, below?.rowBytes ?? rowBytes);
}
