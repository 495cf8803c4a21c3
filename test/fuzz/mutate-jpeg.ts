/** JPEG files that are wrong where it hurts: markers, lengths, the fields of SOF, DHT, DQT, SOS, DRI, and the scan. */
import type { Dice } from './dice.ts';
import { changeBytes, concat, cutOrDouble } from './mutate-bytes.ts';

interface Segment {
  readonly marker: number;
  /** Of the 0xFF. */
  readonly at: number;
  /** Behind the last byte of it. */
  readonly end: number;
}

const MARKERS = [
  ...[
    0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc8, 0xc9, 0xca, 0xcc, 0xd0, 0xd7, 0xd8, 0xd9, 0xda, 0xdb, 0xdc,
    0xdd,
  ],
  ...[0xe0, 0xe1, 0xe2, 0xed, 0xee, 0xfe, 0x01, 0x00, 0xff, 0xf7],
];
const SOS = 0xda;

/** One damaged JPEG out of whole ones. */
export function mutateJpeg(originals: readonly Uint8Array[], dice: Dice): Uint8Array {
  let bytes: Uint8Array = dice.pick(originals).slice();
  for (let count = 1 + dice.below(2); count > 0; count--) {
    const segments = segmentsOf(bytes);
    if (segments.length === 0) break;
    bytes = change(bytes, dice.pick(segments), segments, dice);
  }
  return dice.chance(0.1) ? cutOrDouble(bytes, dice) : bytes;
}

function change(bytes: Uint8Array, segment: Segment, segments: readonly Segment[], dice: Dice): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { at, end } = segment;
  const scan = segments.find(({ marker }) => marker === SOS)?.end ?? bytes.length;
  switch (dice.below(9)) {
    case 0:
      bytes[at + 1] = dice.pick(MARKERS);
      return bytes;
    case 1:
      view.setUint16(at + 2, dice.oddNumber(16));
      return bytes;
    case 2: // Left out.
      return concat(bytes.subarray(0, at), bytes.subarray(end));
    case 3: // Twice, or somewhere else.
      return concat(
        bytes.subarray(0, dice.pick(segments).at),
        bytes.subarray(at, end),
        bytes.subarray(dice.pick(segments).at),
      );
    case 4:
      changeBytes(bytes, dice, 20, scan);
      return bytes;
    case 5: // A marker in the entropy-coded data.
      if (scan + 2 < bytes.length)
        bytes.set([0xff, dice.pick(MARKERS)], scan + dice.below(bytes.length - scan - 2));
      return bytes;
    case 6: // Sizes, sampling, and tables of the frame.
      return changeFrame(bytes, segments, dice);
    default: {
      const body = bytes.subarray(at + 4, end);
      changeBytes(body, dice, 3);
      return bytes;
    }
  }
}

/** SOFn: `u16 length, u8 precision, u16 height, u16 width, u8 components, {u8 id, u4 h, u4 v, u8 table}`. */
function changeFrame(bytes: Uint8Array, segments: readonly Segment[], dice: Dice): Uint8Array {
  const frame = segments.find(({ marker }) => marker >= 0xc0 && marker <= 0xc2);
  if (frame === undefined) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { at, end } = frame;
  switch (dice.below(4)) {
    case 0:
      view.setUint16(at + 5 + 2 * dice.below(2), dice.oddNumber(16));
      break;
    case 1:
      bytes[at + 9] = dice.below(6);
      break;
    case 2:
      bytes[Math.min(end - 1, at + 11 + 3 * dice.below(4))] = dice.pick([
        0x00, 0x11, 0x12, 0x14, 0x21, 0x22, 0x41, 0x44, 0x31, 0xff,
      ]);
      break;
    default:
      bytes[at + 4] = dice.pick([0, 1, 8, 10, 12, 16, 255]);
  }
  return bytes;
}

/** Up to and with the first SOS. */
function segmentsOf(bytes: Uint8Array): readonly Segment[] {
  const segments: Segment[] = [];
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1]!;
    const end = Math.min(bytes.length, at + 2 + ((bytes[at + 2]! << 8) | bytes[at + 3]!));
    if (end <= at + 4) break;
    segments.push({ marker, at, end });
    if (marker === SOS) break;
    at = end;
  }
  return segments;
}
