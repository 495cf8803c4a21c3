/** The pixels of a TIFF file, compressed in strips. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ServerError } from '../../errors.ts';
import type { Raster } from '../../image/raster.ts';
import { deflated } from '../deflate.ts';
import type { TiffCompression } from '../encoder.ts';
import { bareJpeg } from '../jpeg.ts';
import { lzwCompress, TIFF_LZW } from '../lzw.ts';
import { bareWebp } from '../webp.ts';
import { differenced } from './predictor.ts';
import { zstdCompressed } from './zstd.ts';

/** Strips of whole rows from the top. */
export interface Strips {
  readonly rowsPerStrip: number;
  readonly data: readonly Uint8Array[];
}

/** Those that work on rows of samples; the other two are whole files of their own. */
type SampleCompression = Exclude<TiffCompression, 'jpeg' | 'webp'>;

const STRIP_BYTES = 512 * 1024;

/**
 * Compresses all of a raster: with JPEG and WebP as one strip, else in strips of about half a megabyte.
 *
 * @param quality see {@link Encoding}.
 */
export async function compressStrips(
  raster: Raster,
  compression: TiffCompression,
  quality: number,
): Promise<Strips> {
  const rowsPerStrip = raster.height;
  if (compression === 'jpeg') return { rowsPerStrip, data: [await bareJpeg(raster, quality)] };
  if (compression === 'webp') return { rowsPerStrip, data: [await bareWebp(raster, quality)] };
  return sampleStrips(raster, (rows) => compressRows(rows, compression, quality));
}

/** Whole rows of a picture. */
interface Rows {
  readonly samples: Uint8Array | Uint16Array;
  readonly rowSamples: number;
  readonly bands: number;
}

async function sampleStrips(raster: Raster, compress: (rows: Rows) => Promise<Uint8Array>): Promise<Strips> {
  const { data: samples, bands, width, height } = raster;
  if (!(samples instanceof Uint8Array || samples instanceof Uint16Array)) {
    throw new ServerError('internal', 'internal server error', { facts: { bits: raster.bitsPerSample } });
  }
  const rowSamples = width * bands;
  const rowsPerStrip = Math.min(
    height,
    Math.max(1, Math.floor(STRIP_BYTES / (rowSamples * samples.BYTES_PER_ELEMENT))),
  );
  const data: Uint8Array[] = [];
  for (let row = 0; row < height; row += rowsPerStrip) {
    // Other requests get their turn between the strips of a large picture.
    if (row > 0) await nextTurn();
    const rows = samples.subarray(row * rowSamples, (row + rowsPerStrip) * rowSamples);
    data.push(await compress({ samples: rows, rowSamples, bands }));
  }
  return { rowsPerStrip, data };
}

async function compressRows(
  rows: Rows,
  compression: SampleCompression,
  quality: number,
): Promise<Uint8Array> {
  if (compression === 'none') return bytesOf(rows.samples);
  const bytes = bytesOf(differenced(rows.samples, rows.rowSamples, rows.bands));
  switch (compression) {
    case 'lzw':
      return lzwCompress(bytes, TIFF_LZW);
    case 'deflate':
      return deflated(bytes, within(quality, 1, 9));
    case 'zstd':
      return zstdCompressed(bytes, within(quality, 1, 19));
  }
}

function bytesOf(samples: Uint8Array | Uint16Array): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}

function within(quality: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, Math.round(quality)));
}
