/**
 * CMYK to sRGB by an ICC profile.
 *
 * Asking libvips for every tile costs some 50 ms each, most of it spent on reading the profile. So it is asked once
 * for each profile, for the colors of a grid of inks, and pictures are interpolated in that grid.
 */
import { ServerError } from '../errors.ts';
import type { Raster } from '../image/raster.ts';
import { bytesAsInput, runVips } from '../image/vips/run-vips.ts';
import { blankLike, eightBitRaster } from './rasters.ts';
import { profiledTiff } from './raw-tiff.ts';

/** Levels of each ink in the grid; 255 is a multiple of one less, so the grid's inks are whole 8-bit samples. */
const SIDE = 16;
const INKS = 4;

/** The sRGB color of each of SIDE^4 mixtures, 8 bits; black changes fastest, then yellow, magenta, cyan. */
export type InkTable = Uint8Array;

/**
 * The colors of a profile by perceptual intent, as libvips makes them; `undefined` when it is not a profile of CMYK.
 *
 * @throws {ServerError} `damaged` when libvips cannot use it.
 */
export async function readInkTable(icc: Uint8Array): Promise<InkTable | undefined> {
  // ICC.1, 7.2.6: the color space of the data is at byte 16.
  if (String.fromCharCode(...icc.subarray(16, 20)) !== 'CMYK') return undefined;
  const grid = eightBitRaster({ width: SIDE ** 2, height: SIDE ** 2 }, INKS, everyMixture());
  try {
    const input = bytesAsInput(profiledTiff(grid, icc), grid.data.length);
    return (await runVips(input, { kind: 'to-srgb', dropsAlpha: false })).data;
  } catch (cause) {
    if (cause instanceof ServerError) throw cause;
    throw new ServerError('damaged', 'the color profile of this picture cannot be used', { cause });
  }
}

function everyMixture(): Uint8Array {
  return Uint8Array.from({ length: INKS * SIDE ** INKS }, (_, i) => {
    const mixture = Math.floor(i / INKS);
    const digit = Math.floor(mixture / SIDE ** (INKS - 1 - (i % INKS))) % SIDE;
    return (digit * 255) / (SIDE - 1);
  });
}

/**
 * CMYK (0 is no ink) to sRGB by a table; 8 and 16 bit stay what they are, bands after the fourth follow the RGB
 * unchanged.
 *
 * Linear in the simplex around each mixture: from the grid's mixture below it one ink after the other goes up to the
 * next level, that with the largest fraction first.
 *
 * @throws {ServerError} `unsupported` for fewer than four bands and for 32-bit samples.
 */
export function cmykByTable<R extends Raster>(raster: R, table: InkTable): R {
  const { bands, data, bitsPerSample } = raster;
  if (bands < INKS || bitsPerSample === 32) {
    throw new ServerError('unsupported', `CMYK of ${bands} bands of ${bitsPerSample} bits is not supported`);
  }
  const result = blankLike(raster, { width: raster.width, height: raster.height, bands: bands - 1 });
  const perLevel = (2 ** bitsPerSample - 1) / (SIDE - 1);
  const simplex: Simplex = { corner: 0, fractions: new Float64Array(INKS + 1), steps: new Int32Array(INKS) };
  for (let i = 0, out = 0; i < data.length; i += bands, out += bands - 1) {
    findSimplex(simplex, data, i, perLevel);
    blend(simplex, table, result, out);
    for (let band = INKS; band < bands; band++) result.data[out + band - 1] = data[i + band]!;
  }
  return result;
}

/** A mixture's place in the grid; one object is filled again and again. */
interface Simplex {
  /** Index in the table of the mixture below in all inks. */
  corner: number;
  /** How far each ink is towards its next level, largest first, and a 0 behind. */
  readonly fractions: Float64Array;
  /** The step in the table to the next level of the ink in the same place of `fractions`. */
  readonly steps: Int32Array;
}

function findSimplex(simplex: Simplex, samples: Raster['data'], at: number, perLevel: number): void {
  const { fractions, steps } = simplex;
  simplex.corner = 0;
  let step = 3 * SIDE ** (INKS - 1);
  for (let ink = 0; ink < INKS; ink++, step /= SIDE) {
    const position = samples[at + ink]! / perLevel;
    const below = Math.min(Math.floor(position), SIDE - 2);
    const fraction = position - below;
    simplex.corner += below * step;
    let place = ink;
    for (; place > 0 && fractions[place - 1]! < fraction; place--) {
      fractions[place] = fractions[place - 1]!;
      steps[place] = steps[place - 1]!;
    }
    fractions[place] = fraction;
    steps[place] = step;
  }
}

function blend({ corner, fractions, steps }: Simplex, table: InkTable, result: Raster, out: number): void {
  const { data } = result;
  const scale = result.bitsPerSample === 8 ? 1 : 257;
  let entry = corner;
  let weight = 1 - fractions[0]!;
  let red = weight * table[entry]!;
  let green = weight * table[entry + 1]!;
  let blue = weight * table[entry + 2]!;
  for (let k = 0; k < INKS; k++) {
    entry += steps[k]!;
    weight = fractions[k]! - fractions[k + 1]!;
    red += weight * table[entry]!;
    green += weight * table[entry + 1]!;
    blue += weight * table[entry + 2]!;
  }
  data[out] = red * scale + 0.5;
  data[out + 1] = green * scale + 0.5;
  data[out + 2] = blue * scale + 0.5;
}
