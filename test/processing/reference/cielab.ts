/** CIELAB, as TIFF files store it, to sRGB. */
import { ServerError } from '../../../src/errors.ts';
import type { Raster, Samples } from '../../../src/image/raster.ts';
import { floatRaster, type FloatRaster } from '../../../src/processing/rasters.ts';
import { srgbEncode } from './srgb-curve.ts';

/**
 * How much of 16-bit a* and b* counts: `whole` takes the high byte, full units, as iipsrv does; `fractional` all
 * 16 bits, which is truer where the output has more than 8 bits.
 */
export type ChromaPrecision = 'whole' | 'fractional';

/**
 * The picture in sRGB, values 0 to 1 clipped, three bands; bands after the third are dropped.
 *
 * Samples are as stored (TIFF 6, section 23): 8 bit L* = v * 100 / 255, a* and b* two's complement; 16 bit L* =
 * (v >> 1) / 327.67, a* and b* two's complement / 256; floats L*, a*, b* themselves. White point D65, matrix and
 * transfer curve of sRGB. (BEHAVIOUR 8)
 *
 * @throws {ServerError} `unsupported` for 32-bit integers and for fewer than three bands.
 */
export function cielabToSrgb(raster: Raster, chroma: ChromaPrecision = 'whole'): FloatRaster {
  const { bands, data } = raster;
  if (bands < 3) throw new ServerError('unsupported', `a CIELAB picture of ${bands} bands is not supported`);
  const result = new Float32Array(raster.width * raster.height * 3);
  if (data instanceof Uint8Array) convertTabled(data, result, bands, byteTables(), 0xff);
  else if (data instanceof Uint16Array) convertTabled(data, result, bands, wordTables(chroma), 0xffff);
  else if (data instanceof Float32Array) convertFloats(data, result, bands);
  else throw new ServerError('unsupported', 'CIELAB pictures of 32-bit integers are not supported');
  return floatRaster(raster, 3, result);
}

/** For every stored value what it adds to f(Y), f(X) - f(Y) and f(Y) - f(Z) of CIE 15, section 8.2.1. */
interface Tables {
  readonly fy: Float64Array;
  readonly dx: Float64Array;
  readonly dz: Float64Array;
}

const fOfLightness = (lightness: number): number => (lightness + 16) / 116;

function byteTables(): Tables {
  const signed = new Float64Array(256).map((_, v) => (v << 24) >> 24);
  return {
    fy: new Float64Array(256).map((_, v) => fOfLightness((v * 100) / 255)),
    dx: signed.map((a) => a / 500),
    dz: signed.map((b) => b / 200),
  };
}

const WORD_TABLES: Partial<Record<ChromaPrecision, Tables>> = {};

function wordTables(chroma: ChromaPrecision): Tables {
  return (WORD_TABLES[chroma] ??= makeWordTables(chroma));
}

function makeWordTables(chroma: ChromaPrecision): Tables {
  const signed = new Float64Array(65536).map((_, v) => {
    const word = (v << 16) >> 16;
    return chroma === 'whole' ? word >> 8 : word / 256;
  });
  return {
    fy: new Float64Array(65536).map((_, v) => fOfLightness((v >> 1) / 327.67)),
    dx: signed.map((a) => a / 500),
    dz: signed.map((b) => b / 200),
  };
}

function convertTabled(from: Samples, to: Float32Array, bands: number, tables: Tables, mask: number): void {
  const { fy, dx, dz } = tables;
  for (let i = 0, out = 0; out < to.length; i += bands, out += 3) {
    const y = fy[from[i]! & mask]!;
    store(to, out, y + dx[from[i + 1]! & mask]!, y, y - dz[from[i + 2]! & mask]!);
  }
}

function convertFloats(from: Float32Array, to: Float32Array, bands: number): void {
  for (let i = 0, out = 0; out < to.length; i += bands, out += 3) {
    const y = fOfLightness(from[i]!);
    store(to, out, y + from[i + 1]! / 500, y, y - from[i + 2]! / 200);
  }
}

/** From f(X), f(Y), f(Z) to sRGB: inverse of f, white point, matrix, transfer curve. */
function store(to: Float32Array, out: number, fx: number, fy: number, fz: number): void {
  const x = 0.95047 * inverseF(fx);
  const y = inverseF(fy);
  const z = 1.08883 * inverseF(fz);
  to[out] = srgbEncode(3.2404542 * x - 1.5371385 * y - 0.4985314 * z);
  to[out + 1] = srgbEncode(-0.969266 * x + 1.8760108 * y + 0.041556 * z);
  to[out + 2] = srgbEncode(0.0556434 * x - 0.2040259 * y + 1.0572252 * z);
}

const KNEE = 6 / 29;

function inverseF(t: number): number {
  return t > KNEE ? t * t * t : 3 * KNEE * KNEE * (t - 4 / 29);
}
