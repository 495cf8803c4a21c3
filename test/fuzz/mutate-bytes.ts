/** Changes that need no knowledge of a format. */
import type { Dice } from './dice.ts';

const VALUES = [0, 1, 0x7f, 0x80, 0xfe, 0xff];

/** Up to `most` bytes of `bytes` from `start` on get other values. */
export function changeBytes(bytes: Uint8Array, dice: Dice, most = 8, start = 0): void {
  if (bytes.length <= start) return;
  for (let count = 1 + dice.below(most); count > 0; count--) {
    bytes[start + dice.below(bytes.length - start)] = dice.chance(0.4) ? dice.pick(VALUES) : dice.below(256);
  }
}

/** The end cut off, a piece left out, or one doubled. */
export function cutOrDouble(bytes: Uint8Array, dice: Dice): Uint8Array {
  const at = dice.below(bytes.length + 1);
  const end = Math.min(bytes.length, at + dice.below(64));
  switch (dice.below(3)) {
    case 0:
      return bytes.slice(0, at);
    case 1:
      return concat(bytes.subarray(0, at), bytes.subarray(end));
    default:
      return concat(bytes.subarray(0, end), bytes.subarray(at));
  }
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
