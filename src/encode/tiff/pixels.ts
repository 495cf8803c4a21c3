/** The pixels of a TIFF file, compressed. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ServerError } from '../../errors.ts';
import { byteRaster } from '../../image/raster.ts';
import type { Raster, Size } from '../../image/raster.ts';
import { deflated } from '../deflate.ts';
import type { TiffCompression } from '../encoder.ts';
import { bareJpeg } from '../jpeg.ts';
import { lzwCompress, TIFF_LZW } from '../lzw.ts';
import { bareWebp } from '../webp.ts';
import { differenced } from './predictor.ts';
import { zstdCompressed } from './zstd.ts';

/** Compressed pixels: strips of whole rows, or for each band one tile that covers the picture. */
export interface CompressedPixels {
  readonly layout: PixelLayout;
  readonly data: readonly Uint8Array[];
}

export type PixelLayout =
  | { readonly kind: 'strips'; readonly rowsPerStrip: number }
  | { readonly kind: 'planes'; readonly tile: Size };

/** Sharp writes these two itself, as complete files. */
type FileCompression = Extract<TiffCompression, 'jpeg' | 'webp'>;
type SampleCompression = Exclude<TiffCompression, FileCompression>;

const STRIP_BYTES = 512 * 1024;
/** Sides of tiles are multiples of this (TIFF 6.0, section 15). */
const TILE_STEP = 16;

/**
 * Compresses all of a raster.
 *
 * JPEG and WebP make one strip of the whole picture, or a tile of each band where JPEG has no meaning for so many
 * bands together; the others make strips of about half a megabyte.
 *
 * @param quality see {@link Encoding}.
 */
export async function compressPixels(
  raster: Raster,
  compression: TiffCompression,
  quality: number,
): Promise<CompressedPixels> {
  const layout = { kind: 'strips', rowsPerStrip: raster.height } as const;
  if (compression === 'webp') return { layout, data: [await bareWebp(raster, quality)] };
  if (compression !== 'jpeg') return sampleStrips(raster, (rows) => compressRows(rows, compression, quality));
  if (raster.bands !== 1 && raster.bands !== 3) return jpegPlanes(raster, quality);
  return { layout, data: [await bareJpeg(raster, quality)] };
}

/** Tiles and not strips, because libtiff cannot read JPEG strips of several planes line by line, as many do. */
async function jpegPlanes(raster: Raster, quality: number): Promise<CompressedPixels> {
  const tile = { width: upToTileStep(raster.width), height: upToTileStep(raster.height) };
  const data: Uint8Array[] = [];
  for (let band = 0; band < raster.bands; band++)
    data.push(await bareJpeg(planeOf(raster, band, tile), quality));
  return { layout: { kind: 'planes', tile }, data };
}

function upToTileStep(length: number): number {
  return Math.ceil(length / TILE_STEP) * TILE_STEP;
}

/** One band, its last column and row repeated to fill the tile. */
function planeOf({ data, bands, width, height }: Raster, band: number, tile: Size): Raster {
  const out = new Uint8Array(tile.width * tile.height);
  let to = 0;
  for (let y = 0; y < tile.height; y++) {
    const row = Math.min(y, height - 1) * width;
    for (let x = 0; x < tile.width; x++) out[to++] = data[(row + Math.min(x, width - 1)) * bands + band]!;
  }
  return byteRaster(tile, 1, out);
}

/** Whole rows of a picture. */
interface Rows {
  readonly samples: Uint8Array | Uint16Array;
  readonly rowSamples: number;
  readonly bands: number;
}

async function sampleStrips(
  raster: Raster,
  compress: (rows: Rows) => Promise<Uint8Array>,
): Promise<CompressedPixels> {
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
  return { layout: { kind: 'strips', rowsPerStrip }, data };
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
