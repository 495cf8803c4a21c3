/**
 * Gray and RGB to sRGB by an ICC profile. As for CMYK, libvips is asked once for each profile, for the colors of a
 * grid, and pictures are interpolated in that grid.
 */
import { ServerError } from '../errors.ts';
import type { Raster } from '../image/raster.ts';
import { bytesAsInput, runVips } from '../image/vips/run-vips.ts';
import { blankLike, eightBitRaster } from './rasters.ts';
import { profiledTiff } from './raw-tiff.ts';

/** Levels of each color in the grid; 255 is a multiple of one less, so its colors are whole 8-bit samples. */
const SIDE = 52;
const COLORS = 3;
const RED = SIDE * SIDE * COLORS;
const GREEN = SIDE * COLORS;
const BLUE = COLORS;

/** sRGB colors, 8 bits: 256 grays of one sample, or those of SIDE^3 colors, blue changing fastest. */
export interface ProfileTable {
  readonly kind: 'gray' | 'rgb';
  readonly colors: Uint8Array;
}

/** @throws {ServerError} `damaged` when libvips cannot use the profile. */
export async function readProfileTable(icc: Uint8Array, kind: ProfileTable['kind']): Promise<ProfileTable> {
  const grid =
    kind === 'gray'
      ? eightBitRaster(
          { width: 256, height: 1 },
          1,
          Uint8Array.from({ length: 256 }, (_, i) => i),
        )
      : eightBitRaster({ width: SIDE, height: SIDE * SIDE }, COLORS, everyColor());
  try {
    const input = bytesAsInput(profiledTiff(grid, icc), grid.data.length);
    const { data } = await runVips(input, { kind: 'to-srgb', dropsAlpha: true });
    const colors = kind === 'rgb' ? data : everyThird(data);
    return { kind, colors };
  } catch (cause) {
    if (cause instanceof ServerError) throw cause;
    throw new ServerError('damaged', 'the color profile of this picture cannot be used', { cause });
  }
}

function everyColor(): Uint8Array {
  const level = (i: number) => ((i % SIDE) * 255) / (SIDE - 1);
  return Uint8Array.from({ length: COLORS * SIDE ** 3 }, (_, i) => {
    const color = Math.floor(i / COLORS);
    return level(Math.floor(color / SIDE ** (COLORS - 1 - (i % COLORS))));
  });
}

const everyThird = (bytes: Uint8Array): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, i) => (bytes.length === 256 ? bytes[i]! : bytes[3 * i]!));

/** Gray or RGB of 8 or 16 bits; bands behind the colors stay as they are. */
export function toSrgb(raster: Raster, table: ProfileTable): Raster {
  return table.kind === 'gray' ? grayByTable(raster, table.colors) : colorsByTable(raster, table.colors);
}

function grayByTable(raster: Raster, colors: Uint8Array): Raster {
  const { bands, data, bitsPerSample } = raster;
  const result = blankLike(raster, raster);
  const scale = bitsPerSample === 8 ? 1 : 257;
  for (let i = 0; i < data.length; i++) {
    if (i % bands !== 0) {
      result.data[i] = data[i]!;
      continue;
    }
    const position = data[i]! / scale;
    const below = Math.min(Math.floor(position), 254);
    const part = position - below;
    result.data[i] = (colors[below]! * (1 - part) + colors[below + 1]! * part) * scale + 0.5;
  }
  return result;
}

/** Linear in the tetrahedron around each color: from the grid's color below, the largest fraction goes up first. */
function colorsByTable(raster: Raster, colors: Uint8Array): Raster {
  const { bands, data, bitsPerSample } = raster;
  const result = blankLike(raster, raster);
  const scale = bitsPerSample === 8 ? 1 : 257;
  const perLevel = (255 * scale) / (SIDE - 1);
  for (let i = 0; i < data.length; i += bands) {
    const [r, g, b] = [data[i]! / perLevel, data[i + 1]! / perLevel, data[i + 2]! / perLevel];
    const [r0, g0, b0] = [Math.min(r | 0, SIDE - 2), Math.min(g | 0, SIDE - 2), Math.min(b | 0, SIDE - 2)];
    const [fr, fg, fb] = [r - r0, g - g0, b - b0];
    const at = r0 * RED + g0 * GREEN + b0 * BLUE;
    const high = Math.max(fr, fg, fb);
    const low = Math.min(fr, fg, fb);
    const middle = fr + fg + fb - high - low;
    const first = at + (fr === high ? RED : fg === high ? GREEN : BLUE);
    const second = at + RED + GREEN + BLUE - (fb === low ? BLUE : fg === low ? GREEN : RED);
    const last = at + RED + GREEN + BLUE;
    for (let k = 0; k < COLORS; k++) {
      const value =
        (1 - high) * colors[at + k]! +
        (high - middle) * colors[first + k]! +
        (middle - low) * colors[second + k]! +
        low * colors[last + k]!;
      result.data[i + k] = value * scale + 0.5;
    }
    for (let band = COLORS; band < bands; band++) result.data[i + band] = data[i + band]!;
  }
  return result;
}
