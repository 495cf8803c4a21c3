/** The header of a WebP (RFC 9649): RIFF chunks. Of an animation the first frame is the picture. */
import type { BlockReader } from '../block-reader.ts';
import { decodeText } from '../text.ts';
import { damagedPicture, latin1, type PictureFacts } from './facts.ts';

const RIFF_BYTES = 12;
const MAX_CHUNKS = 4_096;
const MAX_METADATA_BYTES = 2 ** 24;
const KEPT = ['ICCP', 'EXIF', 'XMP '];

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Header {
  size?: Size;
  hasAlpha: boolean;
  compression: string;
  readonly kept: Map<string, Uint8Array>;
}

/** @throws {ServerError} `damaged`. */
export async function describeWebp(blocks: BlockReader): Promise<PictureFacts> {
  const header = await readHeader(blocks);
  if (header.size === undefined) throw damagedPicture('WebP', 'it has no size');
  const [icc, exif, xmp] = KEPT.map((type) => header.kept.get(type));
  const text = xmp && decodeText(xmp);
  // Some writers put JPEG's identifier before the block.
  const block = exif && latin1(exif.subarray(0, 6)) === 'Exif\0\0' ? exif.slice(6) : exif;
  return {
    format: 'webp',
    ...header.size,
    bands: header.hasAlpha ? 4 : 3,
    bitsPerSample: 8,
    compression: header.compression,
    isStreamed: false,
    metadata: text === undefined ? {} : { xmp: text },
    ...(icc && { icc }),
    ...(block && { exif: block }),
  };
}

/** `u8[4] type, u32 length, body` and a byte that makes it even. */
async function readHeader(blocks: BlockReader): Promise<Header> {
  const header: Header = { hasAlpha: false, compression: 'webp', kept: new Map() };
  let isExtended = false;
  let at = RIFF_BYTES;
  for (let count = 0; count < MAX_CHUNKS && at + 8 <= blocks.size; count++) {
    const head = await blocks.bytes(at, 8);
    const type = latin1(head.subarray(0, 4));
    const length = new DataView(head.buffer, head.byteOffset).getUint32(4, true);
    const body = await blocks.bytes(at + 8, Math.min(length, 10, blocks.size - at - 8));
    if (type === 'VP8X') {
      isExtended = true;
      header.size = { width: uint24(body, 4) + 1, height: uint24(body, 7) + 1 };
      header.hasAlpha = (body[0]! & 0x10) !== 0;
    } else if (type === 'VP8 ' || type === 'VP8L') {
      if (type === 'VP8L') header.compression = 'webp lossless';
      if (!isExtended) Object.assign(header, type === 'VP8L' ? losslessSize(body) : lossySize(body));
      if (!isExtended) return header;
    } else if (KEPT.includes(type) && length <= MAX_METADATA_BYTES && !header.kept.has(type)) {
      if (at + 8 + length <= blocks.size)
        header.kept.set(type, Uint8Array.from(await blocks.bytes(at + 8, length)));
    }
    at += 8 + length + (length & 1);
  }
  return header;
}

const uint24 = (bytes: Uint8Array, at: number): number =>
  (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);

/** RFC 6386, 9.1: a frame tag, a start code, then 14 bits of width and of height. */
function lossySize(body: Uint8Array): { readonly size: Size } {
  if (body.length < 10) throw damagedPicture('WebP', 'its header is cut off');
  const width = (body[6]! | (body[7]! << 8)) & 0x3fff;
  const height = (body[8]! | (body[9]! << 8)) & 0x3fff;
  return { size: { width, height } };
}

/** RFC 9649, 3.4: signature, 14 bits of width - 1, 14 of height - 1, whether alpha is used. */
function losslessSize(body: Uint8Array): { readonly size: Size; readonly hasAlpha: boolean } {
  if (body.length < 5) throw damagedPicture('WebP', 'its header is cut off');
  const bits = new DataView(body.buffer, body.byteOffset).getUint32(1, true);
  return {
    size: { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 },
    hasAlpha: ((bits >>> 28) & 1) === 1,
  };
}
