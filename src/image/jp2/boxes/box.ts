/** Boxes, of which JP2, JPX and JPH files are made (ISO/IEC 15444-1, I.4). */
import type { BlockReader } from '../../block-reader.ts';
import { damagedJp2 } from '../damage.ts';

/** Where the contents of a box are in the file; `end` is exclusive. */
export interface Box {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** Boxes of one file at the top; more is no picture but a way to keep a reader busy. */
const MAX_BOXES = 4_096;

const HEAD_BYTES = 8;
const LONG_HEAD_BYTES = 16;

/**
 * The boxes at the top of a file, in order. One that claims to go on behind the end of the file ends there; behind one
 * that makes no sense there are none.
 *
 *     u32 length of all (0: to the end, 1: the u64 behind the type is it), 4 letters, u64?, contents
 */
export async function* topBoxes(blocks: BlockReader): AsyncGenerator<Box, void> {
  let at = 0;
  for (let count = 0; count < MAX_BOXES && at + HEAD_BYTES <= blocks.size; count++) {
    const head = await blocks.bytes(at, Math.min(LONG_HEAD_BYTES, blocks.size - at));
    const { type, headBytes, length } = parseHead(head, blocks.size - at);
    if (length < headBytes) return;
    const end = Math.min(at + length, blocks.size);
    yield { type, start: at + headBytes, end };
    at += length;
  }
}

interface BoxHead {
  readonly type: string;
  readonly headBytes: number;
  readonly length: number;
}

function parseHead(bytes: Uint8Array, left: number): BoxHead {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const type = String.fromCharCode(...bytes.subarray(4, 8));
  const short = view.getUint32(0);
  if (short === 0) return { type, headBytes: HEAD_BYTES, length: left };
  if (short !== 1) return { type, headBytes: HEAD_BYTES, length: short };
  if (bytes.length < LONG_HEAD_BYTES) return { type, headBytes: LONG_HEAD_BYTES, length: 0 };
  return { type, headBytes: LONG_HEAD_BYTES, length: Number(view.getBigUint64(8)) };
}

/** A box within another, in memory. */
export interface InnerBox {
  readonly type: string;
  readonly body: Uint8Array;
}

/** The boxes in the contents of a superbox. @throws {ServerError} `damaged` when there are too many. */
export function innerBoxes(contents: Uint8Array): InnerBox[] {
  const boxes: InnerBox[] = [];
  for (let at = 0; at + HEAD_BYTES <= contents.length;) {
    const rest = contents.subarray(at);
    const { type, headBytes, length } = parseHead(rest.subarray(0, LONG_HEAD_BYTES), rest.length);
    if (length < headBytes) break;
    boxes.push({ type, body: rest.subarray(headBytes, length) });
    if (boxes.length > MAX_BOXES) throw damagedJp2('it has too many boxes');
    at += length;
  }
  return boxes;
}
