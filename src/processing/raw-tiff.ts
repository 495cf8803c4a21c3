/** Pixels and their ICC profile as a TIFF in memory: sharp takes raw pixels too, but believes them to be gray or sRGB. */
import type { ByteRaster } from './rasters.ts';

interface Tag {
  readonly id: number;
  readonly type: typeof SHORT | typeof LONG | typeof UNDEFINED;
  readonly count: number;
  /** The value, or the offset of values that do not fit into four bytes. */
  readonly value: number;
}

const SHORT = 3;
const LONG = 4;
const UNDEFINED = 7;
const BYTE_ORDER_AND_VERSION = 0x002a4949;
const HEADER_LENGTH = 8;
const TAG_LENGTH = 12;
const TAG_COUNT = 11;
/** BlackIsZero, RGB, Separated, by the number of bands. */
const PHOTOMETRIC: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 5 };

/**
 * Gray, RGB or CMYK: an uncompressed little-endian TIFF of one strip: header, directory, BitsPerSample, profile, pixels.
 * (TIFF 6, sections 2, 8 and 16; ICC.1, annex B)
 */
export function profiledTiff({ width, height, bands, data }: ByteRaster, icc: Uint8Array): Uint8Array {
  const bitsAt = HEADER_LENGTH + 2 + TAG_COUNT * TAG_LENGTH + 4;
  const iccAt = bitsAt + 2 * bands;
  const pixelsAt = iccAt + icc.length + (icc.length % 2);
  const file = new Uint8Array(pixelsAt + data.length);
  const view = new DataView(file.buffer);
  view.setUint32(0, BYTE_ORDER_AND_VERSION, true);
  view.setUint32(4, HEADER_LENGTH, true);
  writeDirectory(view, [
    { id: 256, type: LONG, count: 1, value: width },
    { id: 257, type: LONG, count: 1, value: height },
    { id: 258, type: SHORT, count: bands, value: bands === 1 ? 8 : bitsAt },
    { id: 259, type: SHORT, count: 1, value: 1 },
    { id: 262, type: SHORT, count: 1, value: PHOTOMETRIC[bands] ?? 1 },
    { id: 273, type: LONG, count: 1, value: pixelsAt },
    { id: 277, type: SHORT, count: 1, value: bands },
    { id: 278, type: LONG, count: 1, value: height },
    { id: 279, type: LONG, count: 1, value: data.length },
    { id: 284, type: SHORT, count: 1, value: 1 },
    { id: 34675, type: UNDEFINED, count: icc.length, value: iccAt },
  ]);
  for (let band = 0; band < bands; band++) view.setUint16(bitsAt + 2 * band, 8, true);
  file.set(icc, iccAt);
  file.set(data, pixelsAt);
  return file;
}

function writeDirectory(view: DataView, tags: readonly Tag[]): void {
  view.setUint16(HEADER_LENGTH, tags.length, true);
  tags.forEach(({ id, type, count, value }, index) => {
    const at = HEADER_LENGTH + 2 + index * TAG_LENGTH;
    view.setUint16(at, id, true);
    view.setUint16(at + 2, type, true);
    view.setUint32(at + 4, count, true);
    view.setUint32(at + 8, value, true);
  });
}
