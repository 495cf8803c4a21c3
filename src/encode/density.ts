/** Pixel density in the units and number ranges of the file formats. */
import type { Resolution } from '../image/info.ts';

const CM_PER_INCH = 2.54;
const CM_PER_METER = 100;

/** Density for each axis in whole numbers. */
export interface WholeDensity {
  readonly unit: Resolution['unit'];
  readonly x: number;
  readonly y: number;
}

/** No statement about the size of pixels, only that they are square. */
export const NO_DENSITY: Resolution = { x: 1, y: 1, unit: 'none' };

/** Whether both axes are numbers that a file can state. */
export function isStatable({ x, y }: Resolution): boolean {
  return Number.isFinite(x) && Number.isFinite(y) && x > 0 && y > 0;
}

/** Whole numbers from 1 to 65535 for JFIF; a ratio without unit is scaled up to keep its digits. */
export function jfifDensity(resolution: Resolution): WholeDensity {
  const { unit } = resolution;
  const scale = unit === 'none' && !isWhole(resolution) ? 1000 / Math.max(resolution.x, resolution.y) : 1;
  return { unit, x: whole(resolution.x * scale, 0xffff), y: whole(resolution.y * scale, 0xffff) };
}

/** Pixels for each meter, or a ratio, for PNG's pHYs. */
export function pixelsPerMeter(resolution: Resolution): WholeDensity {
  if (resolution.unit === 'none') return jfifDensity(resolution);
  const factor = resolution.unit === 'cm' ? CM_PER_METER : CM_PER_METER / CM_PER_INCH;
  const limit = 0x7fffffff;
  return {
    unit: resolution.unit,
    x: whole(resolution.x * factor, limit),
    y: whole(resolution.y * factor, limit),
  };
}

/** Numerator and denominator of a TIFF RATIONAL next to `value`, which is above 0. */
export function rational(value: number): readonly [numerator: number, denominator: number] {
  for (const denominator of [1, 10, 100, 1000, 10_000, 100_000]) {
    const numerator = value * denominator;
    if (Number.isInteger(numerator) && numerator <= 0xffffffff) return [numerator, denominator];
  }
  const denominator = value < 4000 ? 1_000_000 : 1;
  return [whole(value * denominator, 0xffffffff), denominator];
}

function isWhole({ x, y }: Resolution): boolean {
  return Number.isInteger(x) && Number.isInteger(y);
}

function whole(value: number, limit: number): number {
  return Math.min(limit, Math.max(1, Math.round(value)));
}
