/** JPEG 2000 tiles of a TIFF: each a codestream or a JP2 file, read by the reader of JPEG 2000. */
import { Buffer } from 'node:buffer';
import { BlockReader } from '../block-reader.ts';
import { openJp2 } from '../jp2/open.ts';
import { memorySource } from '../memory-source.ts';
import type { Raster } from '../raster.ts';
import type { EncodedSegment } from './compression.ts';
import { damaged } from './directory.ts';
import { fitPicture } from './jpeg-segment.ts';
import { PHOTOMETRIC } from './subfile.ts';

/** Aperio's number for luma and chroma in codestreams that say nothing of it. */
const APERIO_YCBCR = 33003;

/** Bio-Formats writes red, green and blue under this number, libvips luma and chroma, … */
const LOSSY = 33004;

/** … in codestreams that begin with a comment of its encoder. */
const LIBVIPS_COMMENT = 'Created by OpenJPEG';
const COMMENT_BYTES = 1024;

/** Decodes a tile or strip of 8- or 16-bit samples, in the byte order of the machine; YCbCr comes as RGB. */
export async function decodeJp2Segment(segment: EncodedSegment): Promise<Uint8Array> {
  const blocks = new BlockReader(memorySource(segment.bytes));
  const reader = await openJp2(blocks, { isStrict: true, isYcc: isYcc(segment) });
  try {
    const [size] = reader.info.levels;
    checkSize(segment, size, reader.info.bands);
    const window = { x: 0, y: 0, width: size?.width ?? 0, height: size?.height ?? 0 };
    const raster = await reader.readWindow({ page: 0, level: 0, window });
    const bytes = bytesOf(raster, reader.info.bitsPerSample, segment);
    // Rows of bytes are cut and filled alike, whatever samples they hold.
    const rowBytes = bytes.length / window.height;
    const tileRowBytes = segment.length / segment.height;
    const rows = { width: rowBytes, height: window.height, bands: 1, data: bytes };
    return fitPicture(rows, { width: tileRowBytes, height: segment.height, samplesPerPixel: 1 });
  } finally {
    reader.close();
  }
}

function isYcc({ compression, photometric, bytes }: EncodedSegment): boolean {
  if (compression === APERIO_YCBCR || photometric === PHOTOMETRIC.ycbcr) return true;
  const begin = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, COMMENT_BYTES));
  return compression === LOSSY && begin.includes(LIBVIPS_COMMENT);
}

/** Before anything is decoded. */
function checkSize(
  { width, height, samplesPerPixel }: EncodedSegment,
  size: { readonly width: number; readonly height: number } | undefined,
  bands: number,
): void {
  // Tiles at the lower edge may be whole where fewer rows are wanted, never wider.
  const isRight = size !== undefined && size.width <= width && size.height <= 2 * height + 4_096;
  if (!isRight || bands !== samplesPerPixel)
    throw damaged('a JPEG 2000 tile has another size than its tags say');
}

function bytesOf({ data }: Raster, bits: number, segment: EncodedSegment): Uint8Array {
  const { width, height, samplesPerPixel, length } = segment;
  if (data.BYTES_PER_ELEMENT !== length / (width * height * samplesPerPixel))
    throw damaged('a JPEG 2000 tile has samples of another width than its tags say');
  if (data instanceof Uint8Array) return data;
  if (!(data instanceof Uint16Array)) throw damaged('a JPEG 2000 tile has too wide samples');
  // The reader fills 10, 12 and 14 bits up; a TIFF of 16 bits has the numbers themselves.
  if (bits < 16) for (let i = 0; i < data.length; i++) data[i] = data[i]! >> (16 - bits);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
