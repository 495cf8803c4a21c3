/** What the samples of a TIFF become as a raster, decided once when the file is opened. */
import { ServerError } from '../../errors.ts';
import type { ColorSpace } from '../info.ts';
import type { RasterBits, SampleFormat } from '../raster.ts';
import { alphaOf, colorSpaceOf, COLOR_SAMPLES } from './colors.ts';
import { PHOTOMETRIC } from './subfile.ts';
import type { Subfile } from './subfile.ts';

/** How pixels are delivered. Samples of CIELAB are the stored bits: a and b are two's complement in an unsigned type. */
export interface PixelLayout {
  readonly colorSpace: ColorSpace;
  /** Of the raster; a palette has 3, with alpha 4. */
  readonly bands: number;
  readonly bitsPerSample: RasterBits;
  readonly sampleFormat: SampleFormat;
  /** Bits of a sample in the file. */
  readonly storedBits: number;
  readonly storedFormat: 'uint' | 'int' | 'float';
  readonly isPalette: boolean;
  /** MINISWHITE: samples are turned round. Floats are not: their range is. */
  readonly isInverted: boolean;
  /** The band of the alpha that colors are stored multiplied by. */
  readonly associatedAlpha: number | undefined;
  /** Samples of this value are not there: they become NaN. Only where the raster has floats. */
  readonly noData: number | undefined;
}

/** Bytes of a pixel of the raster. */
export function pixelBytesOf({ bands, bitsPerSample }: PixelLayout): number {
  return (bands * bitsPerSample) / 8;
}

type SampleLayout = Pick<PixelLayout, 'bitsPerSample' | 'sampleFormat' | 'storedBits' | 'storedFormat'>;

/**
 * The raster that a subfile is delivered as.
 *
 * @throws {ServerError} `unsupported` for samples and color spaces that no raster can hold yet.
 */
export function pixelLayout(subfile: Subfile): PixelLayout {
  const isPalette = subfile.photometric === PHOTOMETRIC.palette;
  const colorSpace = colorSpaceOf(subfile);
  const samples = sampleLayout(subfile, colorSpace);
  const isFloat = samples.sampleFormat === 'float';
  const layout: PixelLayout = {
    ...samples,
    colorSpace,
    bands: bandsOf(subfile, colorSpace),
    isPalette,
    isInverted: subfile.photometric === PHOTOMETRIC.whiteIsZero && !isFloat,
    associatedAlpha: associatedAlphaOf(subfile, samples),
    noData: isFloat ? subfile.noData : undefined,
  };
  return isPalette ? paletteLayout(layout) : layout;
}

/** Whether a raster of one can stand for a raster of the other: levels and pages of one image must. */
export function isSameLayout(a: PixelLayout, b: PixelLayout): boolean {
  return (
    a.bands === b.bands &&
    a.bitsPerSample === b.bitsPerSample &&
    a.sampleFormat === b.sampleFormat &&
    a.colorSpace === b.colorSpace
  );
}

/**
 * Integers stay what they are where a raster has a type for them; signed ones, wider ones and those with a value for
 * "nothing here" become floats, which hold them exactly up to 24 bits.
 */
function sampleLayout(subfile: Subfile, colorSpace: ColorSpace): SampleLayout {
  const { bitsPerSample: storedBits, sampleFormat } = subfile;
  if (storedBits === undefined) throw unsupported('samples of different width');
  if (sampleFormat === undefined) throw unsupported('samples of different formats');
  if (sampleFormat === 'complex') throw unsupported('complex samples');
  const kind = colorSpace === 'cielab' ? 'CIELAB ' : subfile.ycbcr !== undefined ? 'YCbCr ' : '';
  const isPossible = POSSIBLE_BITS[sampleFormat === 'float' ? 'float' : 'integer'](storedBits);
  const isColor = kind === '' || (COLOR_BITS[kind] ?? []).includes(storedBits) || sampleFormat === 'float';
  if (!isPossible || !isColor)
    throw unsupported(`${sampleFormat === 'float' ? 'floating-point ' : kind}samples of ${storedBits} bits`);
  if (sampleFormat === 'float')
    return { bitsPerSample: 32, sampleFormat: 'float', storedBits, storedFormat: 'float' };
  const isValue = colorSpace !== 'cielab' && colorSpace !== 'cmyk' && colorSpace !== 'bilevel';
  const isIndex = subfile.photometric === PHOTOMETRIC.palette;
  const storedFormat = sampleFormat === 'int' && !isIndex && storedBits > 1 ? 'int' : 'uint';
  const hasType = storedBits <= 16 || storedBits === 32;
  const isSparse = subfile.noData !== undefined && storedBits >= 16;
  if (isValue && !isIndex && (storedFormat === 'int' || !hasType || isSparse))
    return { bitsPerSample: 32, sampleFormat: 'float', storedBits, storedFormat };
  if (!hasType || (storedBits === 32 && colorSpace === 'cmyk'))
    throw unsupported(`${colorSpace} samples of ${storedBits} bits`);
  const bitsPerSample = storedBits <= 8 ? 8 : storedBits <= 16 ? 16 : 32;
  return { bitsPerSample, sampleFormat: 'uint', storedBits, storedFormat };
}

const POSSIBLE_BITS = {
  float: (bits: number): boolean => [16, 24, 32, 64].includes(bits),
  integer: (bits: number): boolean =>
    Number.isInteger(bits) && bits >= 1 && (bits <= 16 || [24, 32, 64].includes(bits)),
} as const;

const COLOR_BITS: Readonly<Record<string, readonly number[]>> = { 'CIELAB ': [8, 16], 'YCbCr ': [8] };

/** All samples; of CMYK the inks and its alpha, as other inks are no picture on a screen. */
function bandsOf(subfile: Subfile, colorSpace: ColorSpace): number {
  const alpha = alphaOf(subfile);
  if (subfile.photometric === PHOTOMETRIC.palette) return alpha === 1 && !subfile.isPlanar ? 4 : 3;
  if (colorSpace === 'cmyk') return alpha === 4 ? 5 : 4;
  return subfile.samplesPerPixel;
}

/** The alpha behind gray, RGB or CMYK that colors are multiplied by. */
function associatedAlphaOf(subfile: Subfile, samples: SampleLayout): number | undefined {
  const colors = COLOR_SAMPLES[subfile.photometric];
  const isScaled = samples.sampleFormat === 'uint' || samples.storedFormat === 'float';
  return alphaOf(subfile) === colors && subfile.extraSamples[0] === 1 && isScaled ? colors : undefined;
}

function paletteLayout(layout: PixelLayout): PixelLayout {
  const isIndex = layout.sampleFormat === 'uint' && layout.storedBits <= 16;
  if (!isIndex || (layout.bands === 4 && layout.storedBits !== 8)) throw unsupported('this kind of palette');
  return { ...layout, bitsPerSample: 8 };
}

function unsupported(what: string): ServerError {
  return new ServerError('unsupported', `TIFF with ${what} is not supported`);
}
