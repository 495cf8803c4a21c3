/** JPEG 2000 tiles of a TIFF: each a codestream or a JP2 file, read by the reader of JPEG 2000. */
import { BlockReader } from '../block-reader.ts';
import { openJp2 } from '../jp2/open.ts';
import { memorySource } from '../memory-source.ts';
import type { Raster } from '../raster.ts';
import type { EncodedSegment } from './compression.ts';
import { damaged } from './directory.ts';
import { fitPicture } from './jpeg-segment.ts';
import { DEFAULT_YCBCR } from './pixel-tags.ts';
import { PHOTOMETRIC } from './subfile.ts';
import { ycbcrToRgb } from './ycbcr.ts';

/** Aperio's number for luma and chroma in codestreams that say nothing of it. */
export const APERIO_YCBCR = 33003;

/** Decodes a tile or strip of 8-bit samples; YCbCr comes as RGB. */
export async function decodeJp2Segment(segment: EncodedSegment): Promise<Uint8Array> {
  const reader = await openJp2(new BlockReader(memorySource(segment.bytes)), { isStrict: true });
  try {
    const [size] = reader.info.levels;
    checkSize(segment, size, reader.info.bands);
    const window = { x: 0, y: 0, width: size?.width ?? 0, height: size?.height ?? 0 };
    const data = bytesOf(await reader.readWindow({ page: 0, level: 0, window }), segment);
    return fitPicture({ ...window, bands: reader.info.bands, data }, segment);
  } finally {
    reader.close();
  }
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

function bytesOf({ data, bands }: Raster, { compression, photometric }: EncodedSegment): Uint8Array {
  if (!(data instanceof Uint8Array)) throw damaged('a JPEG 2000 tile has wider samples than its tags say');
  if (bands === 3 && (compression === APERIO_YCBCR || photometric === PHOTOMETRIC.ycbcr))
    ycbcrToRgb(data, DEFAULT_YCBCR);
  return data;
}
