/** Metadata of pictures that were turned: their orientation is 1 now, or clients would turn them again. */

/** Tag and type of the entry: Orientation, SHORT. */
const ORIENTATION_TAG = 274;
const SHORT = 3;

/**
 * A copy of an EXIF block whose first directory says that the picture stands upright.
 *
 *     II or MM, 42, u32 offset of the directory: u16 number of entries, { u16 tag, u16 type, u32 count, value }
 */
export function uprightExif(exif: Uint8Array): Uint8Array {
  const copy = new Uint8Array(exif);
  const view = new DataView(copy.buffer);
  if (copy.length < 8) return copy;
  const little = view.getUint8(0) === 0x49;
  const start = view.getUint32(4, little);
  if (start + 2 > copy.length) return copy;
  const count = view.getUint16(start, little);
  for (let i = 0, at = start + 2; i < count && at + 12 <= copy.length; i++, at += 12) {
    const isOrientation =
      view.getUint16(at, little) === ORIENTATION_TAG && view.getUint16(at + 2, little) === SHORT;
    if (isOrientation) view.setUint16(at + 8, 1, little);
  }
  return copy;
}

/** The same for XMP, where the orientation is an attribute or an element. */
export function uprightXmp(xmp: string): string {
  return xmp
    .replace(/(\btiff:Orientation\s*=\s*["'])\d(["'])/g, '$11$2')
    .replace(/(<tiff:Orientation>\s*)\d(\s*<\/tiff:Orientation>)/g, '$11$2');
}
