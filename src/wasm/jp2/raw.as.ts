/** The two passes whose bits the BYPASS style leaves uncoded (ISO/IEC 15444-1 Annex D.6). */
import { COEFFICIENTS, FLAGS } from './memory.as';
import { insignificantNeighbors, spread } from './flags.as';
import { rowNumber, rowsOfStripe } from './passes.as';

let position: usize = 0;
let byte: u32 = 0;
let left: i32 = 0;

/** Starts at the first byte of a segment that ends with two bytes of FF. */
export function startRaw(start: usize): void {
  position = start;
  byte = 0;
  left = 0;
}

/** The next bit; after a byte of FF the next one has 7, and after FF and a marker all bits are 1. */
function rawBit(): u32 {
  if (left === 0) {
    const next = <u32>load<u8>(position);
    if (byte === 0xff) {
      if (next > 0x8f) return 1;
      left = 7;
    } else left = 8;
    byte = next;
    position++;
  }
  left--;
  return (byte >> left) & 1;
}

export function rawSignificancePass(width: i32, height: i32, plane: u32, isCausal: bool): void {
  const flagBytes = <usize>(width + 2) << 2;
  const rowBytes = <u32>width << 2;
  const value: u32 = (1 << plane) | ((1 << plane) >> 1);
  for (let top = 0; top < height; top += 4) {
    const rows = rowsOfStripe(top, height);
    let address = FLAGS + <usize>((top >> 2) + 1) * flagBytes + 4;
    let target = COEFFICIENTS + <usize>(<u32>top * rowBytes);
    const end = address + (<usize>width << 2);
    for (; address < end; address += 4, target += 4) {
      let flags = load<u32>(address);
      let candidates = insignificantNeighbors(flags) & rows;
      while (candidates !== 0) {
        const row = ctz(candidates);
        candidates &= candidates - 1;
        flags |= 0x200000 << row;
        if (rawBit() === 0) continue;
        const sign = rawBit();
        store<u32>(target + <usize>(rowNumber(row) * rowBytes), value | (sign << 31));
        spread(address, flagBytes, row, sign, isCausal);
        flags |= (0x10 | (sign << 19)) << row;
        candidates |= (8 << row) & rows & ~(flags >> 4);
      }
      store<u32>(address, flags);
    }
  }
}

export function rawRefinementPass(width: i32, height: i32, plane: u32): void {
  const flagBytes = <usize>(width + 2) << 2;
  const rowBytes = <u32>width << 2;
  const half: u32 = (1 << plane) >> 1;
  const zero: u32 = half - (1 << plane);
  for (let top = 0; top < height; top += 4) {
    const rows = rowsOfStripe(top, height);
    let address = FLAGS + <usize>((top >> 2) + 1) * flagBytes + 4;
    let target = COEFFICIENTS + <usize>(<u32>top * rowBytes);
    const end = address + (<usize>width << 2);
    for (; address < end; address += 4, target += 4) {
      const flags = load<u32>(address);
      let candidates = (flags >> 4) & ~(flags >> 21) & rows;
      store<u32>(address, flags | (candidates << 20));
      for (; candidates !== 0; candidates &= candidates - 1) {
        const sample = target + <usize>(rowNumber(ctz(candidates)) * rowBytes);
        store<u32>(sample, load<u32>(sample) + (rawBit() ? half : zero));
      }
    }
  }
}
