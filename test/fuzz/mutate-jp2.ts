/** JPEG 2000 files that are wrong where it hurts: boxes, markers, the fields of SIZ, COD, QCD and SOT, and packets. */
import type { Dice } from './dice.ts';
import { changeBytes, concat, cutOrDouble } from './mutate-bytes.ts';

const SOC = 0xff4f;
const SIZ = 0xff51;
const SOT = 0xff90;
const SOD = 0xff93;
const MARKERS = [
  ...[
    0x4f, 0x50, 0x51, 0x52, 0x53, 0x55, 0x57, 0x58, 0x5c, 0x5d, 0x5e, 0x5f, 0x60, 0x61, 0x63, 0x64, 0x90,
    0x93, 0xd9,
  ],
];
const BOXES = [
  'jp2h',
  'ihdr',
  'colr',
  'bpcc',
  'pclr',
  'cmap',
  'cdef',
  'res ',
  'jp2c',
  'uuid',
  'xml ',
  'ftyp',
  'jpch',
];

interface Piece {
  readonly at: number;
  readonly end: number;
}

interface Layout {
  readonly boxes: readonly Piece[];
  /** Marker segments of the main header and of tile-parts. */
  readonly segments: readonly Piece[];
  /** Where packets begin, as far as is known. */
  readonly packets: number;
}

/** One damaged file out of whole ones. */
export function mutateJp2(originals: readonly Uint8Array[], dice: Dice): Uint8Array {
  let bytes: Uint8Array = dice.pick(originals).slice();
  for (let count = 1 + dice.below(2); count > 0; count--) bytes = change(bytes, layoutOf(bytes), dice);
  return dice.chance(0.1) ? cutOrDouble(bytes, dice) : bytes;
}

function change(bytes: Uint8Array, { boxes, segments, packets }: Layout, dice: Dice): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (boxes.length > 0 && dice.chance(0.3)) return changeBox(bytes, boxes, dice);
  if (segments.length === 0 || dice.chance(0.25)) {
    changeBytes(bytes, dice, 12, Math.min(packets, bytes.length - 1));
    return bytes;
  }
  const { at, end } = dice.pick(segments);
  switch (dice.below(8)) {
    case 0:
      bytes[at + 1] = dice.pick(MARKERS);
      return bytes;
    case 1:
      view.setUint16(at + 2, dice.oddNumber(16));
      return bytes;
    case 2:
      return concat(bytes.subarray(0, at), bytes.subarray(end));
    case 3:
      return concat(bytes.subarray(0, end), bytes.subarray(at));
    case 4: {
      const field = at + 4 + dice.below(Math.max(1, end - at - 8));
      if (field + 4 <= bytes.length) view.setUint32(field, dice.oddNumber(32));
      return bytes;
    }
    case 5: {
      const size = segments.find((segment) => view.getUint16(segment.at) === SIZ);
      // SIZ: `u16 length, u16 capabilities, u32 × 8 sizes and offsets, u16 components, …`.
      if (size !== undefined)
        view.setUint32(size.at + 6 + 4 * dice.below(8), dice.oddNumber(dice.pick([8, 12, 20, 32])));
      return bytes;
    }
    default:
      changeBytes(bytes.subarray(at + 4, end), dice, 3);
      return bytes;
  }
}

function changeBox(bytes: Uint8Array, boxes: readonly Piece[], dice: Dice): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { at, end } = dice.pick(boxes);
  switch (dice.below(5)) {
    case 0:
      view.setUint32(at, dice.oddNumber(32));
      return bytes;
    case 1:
      bytes.set(Buffer.from(dice.pick(BOXES), 'latin1'), at + 4);
      return bytes;
    case 2:
      return concat(bytes.subarray(0, at), bytes.subarray(end));
    case 3:
      return concat(bytes.subarray(0, end), bytes.subarray(at));
    default:
      changeBytes(bytes.subarray(at + 8, Math.min(end, at + 128)), dice, 4);
      return bytes;
  }
}

function layoutOf(bytes: Uint8Array): Layout {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const boxes: Piece[] = [];
  const start = bytes.length > 12 && view.getUint16(0) !== SOC ? findBoxes(view, 0, bytes.length, boxes) : 0;
  const segments: Piece[] = [];
  let packets = bytes.length;
  for (let at = start + 2; at + 4 <= bytes.length && segments.length < 64;) {
    const marker = view.getUint16(at);
    if (marker === SOD) {
      packets = Math.min(packets, at + 2);
      const last = segments.findLast((segment) => view.getUint16(segment.at) === SOT);
      const length = last === undefined || last.at + 10 > bytes.length ? 0 : view.getUint32(last.at + 6);
      if (last === undefined || length === 0 || last.at + length <= at) break;
      at = last.at + length;
      continue;
    }
    const end = at + 2 + view.getUint16(at + 2);
    if (marker < 0xff00 || end > bytes.length || end <= at + 4) break;
    segments.push({ at, end });
    at = end;
  }
  return { boxes, segments, packets };
}

/** Boxes and what is in jp2h; the answer is where the codestream begins. */
function findBoxes(view: DataView, start: number, limit: number, boxes: Piece[]): number {
  let codestream = 0;
  for (let at = start; at + 8 <= limit && boxes.length < 64;) {
    const length = view.getUint32(at);
    const type = view.getUint32(at + 4);
    const end = length < 8 ? limit : Math.min(limit, at + length);
    boxes.push({ at, end });
    if (type === 0x6a703263) codestream = at + 8;
    if (type === 0x6a703268) findBoxes(view, at + 8, end, boxes);
    at = end;
  }
  return codestream;
}
