/** Pictures and metadata to encode, and how a file is read again with sharp and geotiff. */
import path from 'node:path';
import { fromArrayBuffer } from 'geotiff';
import sharp from 'sharp';
import type { Embed } from '../../src/encode/encoder.ts';
import { allocateSamples } from '../../src/image/raster.ts';
import type { Raster, Samples, Size } from '../../src/image/raster.ts';

/** Waves with some grain, another phase for each band; alpha (the last of 2 or 4 bands) goes from 0 to the top. */
export function scene({ width, height }: Size, bands: number, bits: 8 | 16 = 8): Raster {
  const top = 2 ** bits - 1;
  const data = allocateSamples(width * height * bands, bits, 'uint');
  const alpha = bands === 2 || bands === 4 ? bands - 1 : -1;
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let band = 0; band < bands; band++, at++) {
        const wave = 0.5 + 0.3 * Math.sin(x / 17 + band) + 0.15 * Math.cos(y / 11 - band);
        const grain = (((x * 73 + y * 151 + band * 31) % 64) / 64) * 0.05;
        data[at] = Math.round(top * (band === alpha ? ((x + y) % 11) / 10 : wave + grain));
      }
    }
  }
  return { width, height, bands, bitsPerSample: bits, sampleFormat: 'uint', data };
}

/** What is in the fixture photo.jpg: an sRGB profile, XMP, EXIF. */
export async function photoMetadata(): Promise<{ icc: Uint8Array; xmp: string; exif: Uint8Array }> {
  const { icc, xmp, exif } = await sharp(path.resolve('fixtures/images/photo.jpg')).metadata();
  if (icc === undefined || xmp === undefined || exif === undefined)
    throw new Error('photo.jpg lost its metadata');
  return {
    icc: new Uint8Array(icc),
    xmp: xmp.toString(),
    exif: new Uint8Array(exif.subarray('Exif\0\0'.length)),
  };
}

/** The same profile under another data color space: enough for all who only look at its header. */
export function profileFor(icc: Uint8Array, space: 'RGB ' | 'GRAY' | 'CMYK'): Uint8Array {
  const changed = icc.slice();
  changed.set(Buffer.from(space), 16);
  return changed;
}

export const RESOLUTION: NonNullable<Embed['resolution']> = { x: 300, y: 150, unit: 'inch' };

/** All samples as red, green, blue and perhaps alpha, which is how {@link decodedColors} gives them. */
export function asColors({ data, bands }: Raster): number[] {
  if (bands > 2) return [...data];
  return [...data].flatMap((value, index) => {
    if (bands === 1) return [value, value, value];
    return index % 2 === 0 ? [value, value, value] : [value];
  });
}

interface Decoded {
  readonly width: number;
  readonly height: number;
  readonly colors: readonly number[];
}

/** What sharp reads, profile not applied. */
export async function decodedColors(file: Uint8Array, bits: 8 | 16 = 8): Promise<Decoded> {
  const pipeline = sharp(file, { ignoreIcc: true }).toColourspace(bits === 16 ? 'rgb16' : 'srgb');
  const { data, info } = await pipeline
    .raw({ depth: bits === 16 ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const samples = bits === 16 ? new Uint16Array(new Uint8Array(data).buffer) : data;
  return { width: info.width, height: info.height, colors: [...samples] };
}

/** Mean distance of two lists of equal length. */
export function meanDistance(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + Math.abs(value - b[index]!), 0) / a.length;
}

export interface TiffContent {
  readonly samples: Samples;
  /** The value of a tag, texts with their closing NUL. */
  tag(tag: number): Promise<unknown>;
}

/** What geotiff reads: samples of any number of bands, and the tags. */
export async function readTiff(file: Uint8Array): Promise<TiffContent> {
  const tiff = await fromArrayBuffer(new Uint8Array(file).buffer);
  const image = await tiff.getImage();
  const samples = await image.readRasters({ interleave: true });
  return {
    samples: samples as unknown as Samples,
    async tag(tag) {
      if (!image.fileDirectory.hasTag(tag)) return undefined;
      const value: unknown = await image.fileDirectory.loadValue(tag);
      return value;
    },
  };
}
