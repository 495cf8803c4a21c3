/** One tile's samples as they are stored in the file. */
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import sharp from 'sharp';
import { lzwCompress, TIFF_LZW } from '../../../src/encode/lzw.ts';
import { differenced } from '../../../src/encode/tiff/predictor.ts';
import { zstdCompressed } from '../../../src/encode/tiff/zstd.ts';
import type { Samples } from './paint.ts';
import { TILE, type Packing, type Recipe } from './recipes.ts';

const deflateAsync = promisify(deflate);

/** TIFF's numbers for compressions. */
export const COMPRESSION: Readonly<Record<Packing, number>> = {
  none: 1,
  deflate: 8,
  'deflate-differences': 8,
  lzw: 5,
  zstd: 50_000,
  webp: 50_001,
  jpeg: 7,
};

export async function pack(samples: Samples, { packing, bands }: Recipe): Promise<Uint8Array> {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  switch (packing) {
    case 'none':
      return bytes;
    case 'deflate':
      return deflateAsync(bytes);
    case 'deflate-differences':
      return deflateAsync(differenced(bytes, TILE * bands, bands));
    case 'lzw':
      return lzwCompress(bytes, TIFF_LZW);
    case 'zstd':
      return zstdCompressed(bytes, 9);
    case 'webp':
      return sharp(bytes, { raw: { width: TILE, height: TILE, channels: 3 } })
        .webp({ quality: 85, effort: 1 })
        .toBuffer();
    case 'jpeg':
      return sharp(bytes, { raw: { width: TILE, height: TILE, channels: 3 } })
        .jpeg({ quality: 85 })
        .toBuffer();
  }
}
