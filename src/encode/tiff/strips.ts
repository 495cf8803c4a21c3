/** The pixels of a TIFF file, compressed in strips. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ServerError } from '../../errors.ts';
import { byteRaster } from '../../image/raster.ts';
import type { Raster } from '../../image/raster.ts';
import { deflated } from '../deflate.ts';
import type { TiffCompression } from '../encoder.ts';
import { bareJpeg } from '../jpeg.ts';
import { lzwCompress, TIFF_LZW } from '../lzw.ts';
import { bareWebp } from '../webp.ts';
import { differenced } from './predictor.ts';
import { zstdCompressed } from './zstd.ts';

/** Strips of whole rows; with `isPlanar` one strip for each band. */
export interface Strips {
  readonly rowsPerStrip: number;
  readonly isPlanar: boolean;
  readonly data: readonly Uint8Array[];
}

/** Sharp writes these two itself, as complete files. */
type FileCompression = Extract<TiffCompression, 'jpeg' | 'webp'>;
type SampleCompression = Exclude<TiffCompression, FileCompression>;

const STRIP_BYTES = 512 * 1024;

/**
 * Compresses all of a raster.
 *
 * JPEG and WebP make one strip of the whole picture, or of each band where JPEG has no meaning for so many bands
 * together; the others make strips of about half a megabyte.
 *
 * @param quality see {@link Encoding}.
 */
export async function compressStrips(
  raster: Raster,
  compression: TiffCompression,
  quality: number,
): Promise<Strips> {
  const rowsPerStrip = raster.height;
  if (compression === 'webp')
    return { rowsPerStrip, isPlanar: false, data: [await bareWebp(raster, quality)] };
  if (compression !== 'jpeg') return sampleStrips(raster, (rows) => compressRows(rows, compression, quality));
  const isPlanar = raster.bands !== 1 && raster.bands !== 3;
  const pictures = isPlanar
    ? Array.from({ length: raster.bands }, (_, band) => bandOf(raster, band))
    : [raster];
  const data: Uint8Array[] = [];
  for (const picture of pictures) data.push(await bareJpeg(picture, quality));
  return { rowsPerStrip, isPlanar, data };
}

function bandOf(raster: Raster, band: number): Raster {
  const { data, bands } = raster;
  const out = new Uint8Array(raster.width * raster.height);
  for (let to = 0, from = band; to < out.length; to++, from += bands) out[to] = data[from]!;
  return byteRaster(raster, 1, out);
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
  return { rowsPerStrip, isPlanar: false, data };
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
