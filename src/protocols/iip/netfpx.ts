/**
 * Several tiles in one answer, the body of TIL: for each tile
 * `Tile,<resolution>,<number>,0/<length + 8>:`, compression type, compression subtype, data, CRLF.
 */

/** Compression type JPEG. */
const JPEG_TYPE = Buffer.from([2, 0, 0, 0]);
/** Subtype as the original sends it: interleaved, chroma subsampled. */
const JPEG_SUBTYPE = Buffer.from([0, 0x11, 0, 0]);
const CRLF = Buffer.from('\r\n');

/** Frames `pictures`, which are the tiles `numbers` of a resolution in the same order. */
export function frameTiles(
  resolution: number,
  numbers: readonly number[],
  pictures: readonly Uint8Array[],
): Uint8Array {
  const parts = pictures.flatMap((picture, index) => [
    Buffer.from(`Tile,${resolution},${numbers[index]},0/${picture.length + 8}:`),
    JPEG_TYPE,
    JPEG_SUBTYPE,
    picture,
    CRLF,
  ]);
  return Buffer.concat(parts);
}
