/** The reference grid of a codestream: image area, tiles, components (SIZ; ISO/IEC 15444-1, A.5.1 and B.2, B.3). */
import { ByteCursor } from '../byte-cursor.ts';
import type { Bounds } from '../core/types.ts';
import { damagedJp2 } from '../damage.ts';

export interface ComponentSize {
  /** Bits of a sample, 1 to 38. */
  readonly precision: number;
  readonly isSigned: boolean;
  /** Points of the reference grid from one sample to the next (XRsiz, YRsiz), 1 to 255. */
  readonly dx: number;
  readonly dy: number;
}

/** Bounds are those of the image area: x0 is XOsiz, x1 is Xsiz. */
export interface Canvas extends Bounds {
  /** Origin of the first tile (XTOsiz, YTOsiz). */
  readonly tileX0: number;
  readonly tileY0: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** Number of tiles in a row and in a column; together at most 65,535. */
  readonly columns: number;
  readonly rows: number;
  readonly components: readonly ComponentSize[];
}

/** Isot has 16 bits. */
const MAX_TILES = 65_535;

const MAX_PRECISION = 38;

/**
 *     u16 capabilities, u32 x1, y1, x0, y0, u32 tile width, height, x0, y0, u16 components,
 *     { u1 signed, u7 precision - 1, u8 dx, u8 dy }
 *
 * @throws {ServerError} `damaged` for a grid that cannot be.
 */
export function parseCanvas(body: Uint8Array): Canvas {
  const cursor = new ByteCursor(body);
  cursor.u16();
  const [x1, y1, x0, y0] = [cursor.u32(), cursor.u32(), cursor.u32(), cursor.u32()];
  const [tileWidth, tileHeight] = [cursor.u32(), cursor.u32()];
  const [tileX0, tileY0] = [cursor.u32(), cursor.u32()];
  const count = cursor.u16();
  if (count === 0 || cursor.left < 3 * count) throw damagedJp2('its components are not described');
  const components = Array.from({ length: count }, () => parseComponent(cursor));
  if (x1 <= x0 || y1 <= y0) throw damagedJp2('it has no size');
  const isCovered =
    tileX0 <= x0 && tileY0 <= y0 && tileX0 + tileWidth > x0 && tileY0 + tileHeight > y0 && tileWidth > 0;
  if (!isCovered || tileHeight === 0) throw damagedJp2('its tiles do not cover it');
  const columns = Math.ceil((x1 - tileX0) / tileWidth);
  const rows = Math.ceil((y1 - tileY0) / tileHeight);
  if (columns * rows > MAX_TILES) throw damagedJp2('it has too many tiles', { columns, rows });
  return { x0, y0, x1, y1, tileX0, tileY0, tileWidth, tileHeight, columns, rows, components };
}

function parseComponent(cursor: ByteCursor): ComponentSize {
  const depth = cursor.u8();
  const [dx, dy] = [cursor.u8(), cursor.u8()];
  const precision = (depth & 0x7f) + 1;
  if (precision > MAX_PRECISION) throw damagedJp2('a component has too many bits', { precision });
  if (dx === 0 || dy === 0) throw damagedJp2('a component has no sampling');
  return { precision, isSigned: depth >= 0x80, dx, dy };
}

/** The part of the image area that a tile covers (equations B-7 to B-10). */
export function tileBounds(canvas: Canvas, tile: number): Bounds {
  const left = canvas.tileX0 + (tile % canvas.columns) * canvas.tileWidth;
  const top = canvas.tileY0 + Math.floor(tile / canvas.columns) * canvas.tileHeight;
  return {
    x0: Math.max(left, canvas.x0),
    y0: Math.max(top, canvas.y0),
    x1: Math.min(left + canvas.tileWidth, canvas.x1),
    y1: Math.min(top + canvas.tileHeight, canvas.y1),
  };
}

/** The samples of a grid `stepX` by `stepY` times as coarse that lie in an area. */
export function coarser({ x0, y0, x1, y1 }: Bounds, stepX: number, stepY: number): Bounds {
  return {
    x0: Math.ceil(x0 / stepX),
    y0: Math.ceil(y0 / stepY),
    x1: Math.ceil(x1 / stepX),
    y1: Math.ceil(y1 / stepY),
  };
}
