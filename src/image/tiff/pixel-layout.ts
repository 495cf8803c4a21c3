/** What the samples of a TIFF become as a raster, decided once when the file is opened. */
import { ServerError } from '../../errors.ts';
import type { ColorSpace } from '../info.ts';
import type { RasterBits, SampleFormat } from '../raster.ts';
import { PHOTOMETRIC } from './subfile.ts';
import type { Subfile } from './subfile.ts';

const JPEG = 7;

/** Samples of a pixel before the extra ones. */
const COLOR_SAMPLES: Readonly<Record<number, number>> = {
  [PHOTOMETRIC.blackIsZero]: 1,
  [PHOTOMETRIC.rgb]: 3,
  [PHOTOMETRIC.separated]: 4,
};

/** How pixels are delivered. Samples of CIELAB are the stored bits: a and b are two's complement in an unsigned type. */
export interface PixelLayout {
  readonly colorSpace: ColorSpace;
  /** Of the raster; a palette has 3. */
  readonly bands: number;
  readonly bitsPerSample: RasterBits;
  readonly sampleFormat: SampleFormat;
  /** Bits of a sample in the file. */
  readonly storedBits: number;
  readonly isPalette: boolean;
  /** MINISWHITE: samples are turned round. */
  readonly isInverted: boolean;
  /** Colors are stored multiplied by the alpha in the last band. */
  readonly isPremultiplied: boolean;
}

/**
 * The raster that a subfile is delivered as.
 *
 * @throws {ServerError} `unsupported` for samples and color spaces that no raster can hold yet.
 */
export function pixelLayout(subfile: Subfile): PixelLayout {
  const isPalette = subfile.photometric === PHOTOMETRIC.palette;
  const layout: PixelLayout = {
    ...sampleLayout(subfile),
    colorSpace: colorSpaceOf(subfile),
    bands: isPalette ? 3 : subfile.samplesPerPixel,
    isPalette,
    isInverted: subfile.photometric === PHOTOMETRIC.whiteIsZero,
    isPremultiplied: hasAssociatedAlpha(subfile),
  };
  if (isPalette) return paletteLayout(subfile, layout);
  if (layout.isInverted && layout.sampleFormat === 'float')
    throw unsupported('floating-point samples where 0 is white');
  return layout;
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

function sampleLayout(subfile: Subfile): Pick<PixelLayout, 'bitsPerSample' | 'sampleFormat' | 'storedBits'> {
  const { bitsPerSample: storedBits, sampleFormat } = subfile;
  if (storedBits === undefined) throw unsupported('samples of different width');
  if (sampleFormat === undefined) throw unsupported('samples of different formats');
  if (sampleFormat === 'complex') throw unsupported('complex samples');
  if (sampleFormat === 'float') {
    if (![16, 32, 64].includes(storedBits)) throw unsupported(`floating-point samples of ${storedBits} bits`);
    return { bitsPerSample: 32, sampleFormat: 'float', storedBits };
  }
  const isLab = subfile.photometric === PHOTOMETRIC.cielab;
  if (sampleFormat === 'int' && !isLab) throw unsupported('signed samples');
  const isPossible =
    Number.isInteger(storedBits) && storedBits >= 1 && (storedBits <= 16 || storedBits === 32);
  if (!isPossible) throw unsupported(`samples of ${storedBits} bits`);
  if (isLab && storedBits !== 8 && storedBits !== 16)
    throw unsupported(`CIELAB samples of ${storedBits} bits`);
  const bitsPerSample = storedBits <= 8 ? 8 : storedBits <= 16 ? 16 : 32;
  return { bitsPerSample, sampleFormat: 'uint', storedBits };
}

function colorSpaceOf(subfile: Subfile): ColorSpace {
  const { photometric, samplesPerPixel: samples, bitsPerSample } = subfile;
  switch (photometric) {
    case PHOTOMETRIC.whiteIsZero:
    case PHOTOMETRIC.blackIsZero:
      if (samples === 1) return bitsPerSample === 1 ? 'bilevel' : 'gray';
      return samples === 2 && isAlpha(subfile.extraSamples[0]) ? 'gray' : 'multiband';
    case PHOTOMETRIC.rgb:
      return samples >= 3 ? 'rgb' : 'multiband';
    case PHOTOMETRIC.palette:
      return 'rgb';
    case PHOTOMETRIC.separated:
      return samples >= 4 && subfile.inkSet === 1 ? 'cmyk' : 'multiband';
    case PHOTOMETRIC.cielab:
      if (samples < 3) throw unsupported('CIELAB without color');
      return 'cielab';
    case PHOTOMETRIC.ycbcr:
      if (subfile.compression !== JPEG || samples !== 3)
        throw unsupported('YCbCr that is not JPEG-compressed');
      if (subfile.isPlanar) throw unsupported('YCbCr in separate planes');
      return 'rgb';
    default:
      throw unsupported(`photometric interpretation ${photometric}`);
  }
}

/** Gray, RGB or CMYK with nothing behind it but associated alpha. */
function hasAssociatedAlpha({ photometric, samplesPerPixel, extraSamples }: Subfile): boolean {
  const colors = COLOR_SAMPLES[photometric];
  return colors !== undefined && samplesPerPixel === colors + 1 && extraSamples[0] === 1;
}

/** ExtraSamples 1 and 2: associated and unassociated alpha. */
function isAlpha(extraSample: number | undefined): boolean {
  return extraSample === 1 || extraSample === 2;
}

function paletteLayout(subfile: Subfile, layout: PixelLayout): PixelLayout {
  const isIndex = subfile.samplesPerPixel === 1 && layout.sampleFormat === 'uint' && layout.storedBits <= 16;
  if (!isIndex) throw unsupported('this kind of palette');
  return { ...layout, bitsPerSample: 8 };
}

function unsupported(what: string): ServerError {
  return new ServerError('unsupported', `TIFF with ${what} is not supported`);
}
