/** The header of a GIF (89a). Of an animation the first frame is the picture. */
import type { BlockReader } from '../block-reader.ts';
import { damagedPicture, type PictureFacts } from './facts.ts';

const HEADER_BYTES = 13;
const EXTENSION = 0x21;
const GRAPHIC_CONTROL = 0xf9;
const IMAGE = 0x2c;
/** Extensions and their parts, of up to 255 bytes each. */
const MAX_BLOCKS = 65_536;

/** @throws {ServerError} `damaged`. */
export async function describeGif(blocks: BlockReader): Promise<PictureFacts> {
  const head = await blocks.bytes(0, HEADER_BYTES);
  const view = new DataView(head.buffer, head.byteOffset);
  const [width, height] = [view.getUint16(6, true), view.getUint16(8, true)];
  const flags = head[10]!;
  const frameAt = HEADER_BYTES + (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  return {
    format: 'gif',
    width,
    height,
    bands: (await isSeenThrough(blocks, frameAt, { width, height })) ? 4 : 3,
    bitsPerSample: 8,
    compression: 'lzw',
    isStreamed: false,
    metadata: {},
  };
}

/** Whether the first frame has a transparent color or leaves a part of the canvas free. */
async function isSeenThrough(
  blocks: BlockReader,
  from: number,
  size: { readonly width: number; readonly height: number },
): Promise<boolean> {
  let isTransparent = false;
  let at = from;
  for (let count = 0; count < MAX_BLOCKS; count++) {
    const [kind = 0] = await blocks.bytes(at, 1);
    if (kind === IMAGE) {
      const frame = await blocks.bytes(at + 1, 8);
      const view = new DataView(frame.buffer, frame.byteOffset);
      const [left, top, width, height] = [0, 2, 4, 6].map((offset) => view.getUint16(offset, true));
      const isWhole = left === 0 && top === 0 && width! >= size.width && height! >= size.height;
      return isTransparent || !isWhole;
    }
    if (kind !== EXTENSION) break;
    const [label, , control = 0] = await blocks.bytes(at + 1, Math.min(3, blocks.size - at - 1));
    if (label === GRAPHIC_CONTROL) isTransparent = (control & 1) === 1;
    at += 2;
    for (; count < MAX_BLOCKS; count++) {
      const [length = 0] = await blocks.bytes(at, 1);
      at += 1 + length;
      if (length === 0) break;
    }
  }
  throw damagedPicture('GIF', 'it has no frame');
}
