/** LERC tiles of a TIFF (Esri's Limited Error Raster Compression), plain or deflated or in Zstandard. */
import { Buffer } from 'node:buffer';
import type { LercData } from 'lerc';
import { ServerError } from '../../errors.ts';
import type { EncodedSegment } from './compression.ts';
import { damaged, viewOf } from './directory.ts';
import { inflate } from './inflate.ts';
import { decodeZstd } from './zstd.ts';

/** Second value of LercParameters: what the blob is wrapped in. */
const WRAPPING = { none: 0, deflate: 1, zstd: 2 } as const;

/** The library's memory grows with the largest tile and never shrinks. */
const MAX_BYTES = 2 ** 27;

/** A blob is hardly larger than its pixels: their header, a mask, and bits of rounding. */
const MAX_BLOB_OVERHEAD = 65_536;

/**
 * Decodes a strip or tile; pixels that the mask leaves out are 0, or NaN in floats. In a big-endian file libtiff
 * compresses samples whose bytes it has swapped before, so that they come out as such a file has them.
 */
export async function decodeLercSegment(segment: EncodedSegment): Promise<Uint8Array> {
  if (segment.length > MAX_BYTES) throw new ServerError('too-large', 'the tiles of this TIFF are too large');
  const blob = await unwrap(segment);
  checkSize(blob, segment);
  const lerc = await import('lerc');
  await lerc.load();
  const data = decode(() => lerc.decode(blob, { returnInterleaved: true }));
  return samplesOf(data, segment);
}

async function unwrap({ bytes, length, codecParameters }: EncodedSegment): Promise<Uint8Array> {
  const [, wrapping = WRAPPING.none] = codecParameters;
  const most = length + MAX_BLOB_OVERHEAD;
  switch (wrapping) {
    case WRAPPING.none:
      return bytes;
    case WRAPPING.deflate:
      return inflate(bytes, most);
    case WRAPPING.zstd:
      return decodeZstd(bytes, most);
    default:
      throw new ServerError('unsupported', `TIFF with LERC in compression ${wrapping} is not supported`);
  }
}

/**
 * The sizes that a blob announces, before the library makes room for them:
 *
 *     "Lerc2 ", i32 version, u32 checksum (from version 3), i32 rows, i32 columns, i32 samples (from version 4), …
 */
function checkSize(blob: Uint8Array, { width, height, samplesPerPixel }: EncodedSegment): void {
  const view = viewOf(blob);
  const isLerc2 = Buffer.from(blob.subarray(0, 6)).toString('latin1') === 'Lerc2 ' && blob.length >= 40;
  if (!isLerc2) throw damaged('a LERC tile does not begin as one');
  const version = view.getInt32(6, true);
  const start = version >= 3 ? 14 : 10;
  const rows = view.getInt32(start, true);
  const columns = view.getInt32(start + 4, true);
  const samples = version >= 4 ? view.getInt32(start + 8, true) : 1;
  const isRight = columns === width && rows >= height && rows <= height + 4_096 && samples >= 1;
  if (!isRight || samples > samplesPerPixel) throw damaged('a LERC tile has another size than its tags say');
}

function decode(run: () => LercData): LercData {
  try {
    return run();
  } catch (cause) {
    throw damaged('a LERC tile is broken', { reason: String(cause).slice(0, 200) });
  }
}

/** The samples of a pixel are side by side, either in the blob or as bands of one value each. */
function samplesOf(data: LercData, segment: EncodedSegment): Uint8Array {
  const { length, width, samplesPerPixel, height } = segment;
  const { pixels, mask, depthCount } = data;
  const [first] = pixels;
  const bands = pixels.length;
  if (first !== undefined && isAlphaInMask(data, segment))
    return withMaskAsAlpha(first, data).subarray(0, length);
  if (first === undefined || bands * depthCount !== samplesPerPixel)
    throw damaged('a LERC tile has other samples than its tags say');
  const sampleBytes = length / (width * height * samplesPerPixel);
  if (first.BYTES_PER_ELEMENT !== sampleBytes) throw damaged('a LERC tile has samples of another width');
  if (bands === 1) markMissing(first, mask, depthCount);
  else pixels.forEach((band, i) => markMissing(band, data.bandMasks?.[i] ?? mask, 1));
  const samples = bands === 1 ? first : interleave(pixels);
  return new Uint8Array(samples.buffer, samples.byteOffset, Math.min(samples.byteLength, length));
}

type Pixels = LercData['pixels'][number];

/** Of bytes whose alpha is 0 or 255 everywhere in a tile, libtiff stores the colors and makes a mask of the alpha. */
function isAlphaInMask({ pixels, depthCount, pixelType }: LercData, segment: EncodedSegment): boolean {
  const { samplesPerPixel, endsInAlpha } = segment;
  return endsInAlpha && pixelType === 'U8' && pixels.length === 1 && depthCount === samplesPerPixel - 1;
}

function withMaskAsAlpha(colors: Pixels, { mask, depthCount, width, height }: LercData): Uint8Array {
  const samples = new Uint8Array(width * height * (depthCount + 1));
  for (let i = 0, from = 0, to = 0; i < width * height; i++) {
    for (let band = 0; band < depthCount; band++) samples[to++] = colors[from++]!;
    samples[to++] = mask === null || mask[i] !== 0 ? 255 : 0;
  }
  return samples;
}

function markMissing(pixels: Pixels, mask: Uint8Array | null, samples: number): void {
  const isFloat = pixels instanceof Float32Array || pixels instanceof Float64Array;
  if (mask === null || !isFloat) return;
  for (let i = 0; i < pixels.length; i++) if (mask[Math.floor(i / samples)] === 0) pixels[i] = NaN;
}

function interleave(bands: readonly Pixels[]): Pixels {
  const [first] = bands;
  if (first === undefined) throw new RangeError('no bands');
  const Type = first.constructor as new (length: number) => Pixels;
  const samples = new Type(first.length * bands.length);
  bands.forEach((band, start) => {
    for (let i = 0, to = start; i < band.length; i++, to += bands.length) samples[to] = band[i]!;
  });
  return samples;
}
