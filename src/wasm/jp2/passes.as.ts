/** The three coding passes over one bit-plane, decoded by the MQ decoder (ISO/IEC 15444-1 Annex D.3). */
import { COEFFICIENTS, FLAGS } from './memory.as';
import { CONTEXTS, exchange, PROBABILITY, RUN_CONTEXT, UNIFORM_CONTEXT } from './mq.as';
import {
  ALL_ROWS,
  insignificantNeighbors,
  NEIGHBORS,
  SIGN_CODING,
  SIGNIFICANT,
  signNeighbors,
  spread,
  VISITED,
  ZERO_CODING,
} from './flags.as';

/** Rows of the stripe that starts at `top`. */
// @ts-ignore: a decorator
@inline
export function rowsOfStripe(top: i32, height: i32): u32 {
  return height - top >= 4 ? ALL_ROWS : ALL_ROWS & ((1 << ((height - top) * 3)) - 1);
}

/** A row's shift (0, 3, 6, 9) to its number. */
// @ts-ignore: a decorator
@inline
export function rowNumber(row: u32): u32 {
  return (row * 11) >> 5;
}

/** Decoding of samples that are insignificant beside significant ones (D.3.1, D.3.2). Takes D and returns it. */
export function significancePass(width: i32, height: i32, table: usize, plane: u32, isCausal: bool, d: i32): i32 {
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
      if ((flags & SIGNIFICANT) === 0) continue;
      let candidates = insignificantNeighbors(flags) & rows;
      if (candidates === 0) continue;
      do {
        const row = ctz(candidates);
        candidates &= candidates - 1;
        const context = CONTEXTS + <usize>load<u8>(table + <usize>((flags >> row) & NEIGHBORS));
        const word = load<u32>(context);
        let bit = word & 1;
        d -= <i32>(word & PROBABILITY);
        if (d < 0) {
          const r = exchange(context, d);
          bit = r & 1;
          d = r >> 1;
        }
        flags |= 0x200000 << row;
        if (bit === 0) continue;
        const entry = <u32>load<u8>(SIGN_CODING + <usize>signNeighbors(flags, address, row));
        const signContext = CONTEXTS + <usize>(entry & 127);
        const signWord = load<u32>(signContext);
        let sign = signWord & 1;
        d -= <i32>(signWord & PROBABILITY);
        if (d < 0) {
          const r = exchange(signContext, d);
          sign = r & 1;
          d = r >> 1;
        }
        sign ^= entry >> 7;
        store<u32>(target + <usize>(rowNumber(row) * rowBytes), value | (sign << 31));
        spread(address, flagBytes, row, sign, isCausal);
        flags |= (0x10 | (sign << 19)) << row;
        candidates |= (8 << row) & rows & ~(flags >> 4);
      } while (candidates !== 0);
      store<u32>(address, flags);
    }
  }
  return d;
}

/** One more bit of samples that became significant in an earlier plane (D.3.3). */
export function refinementPass(width: i32, height: i32, plane: u32, d: i32): i32 {
  const flagBytes = <usize>(width + 2) << 2;
  const rowBytes = <u32>width << 2;
  const half: u32 = (1 << plane) >> 1;
  // The midpoint of the plane above is this plane's bit: a 0 takes it away.
  const zero: u32 = half - (1 << plane);
  for (let top = 0; top < height; top += 4) {
    const rows = rowsOfStripe(top, height);
    let address = FLAGS + <usize>((top >> 2) + 1) * flagBytes + 4;
    let target = COEFFICIENTS + <usize>(<u32>top * rowBytes);
    const end = address + (<usize>width << 2);
    for (; address < end; address += 4, target += 4) {
      const flags = load<u32>(address);
      let candidates = (flags >> 4) & ~(flags >> 21) & rows;
      if (candidates === 0) continue;
      store<u32>(address, flags | (candidates << 20));
      do {
        const row = ctz(candidates);
        candidates &= candidates - 1;
        const neighborhood = flags >> row;
        const context =
          CONTEXTS + (neighborhood & 0x100000 ? 16 * 4 : neighborhood & NEIGHBORS ? 15 * 4 : 14 * 4);
        const word = load<u32>(context);
        let bit = word & 1;
        d -= <i32>(word & PROBABILITY);
        if (d < 0) {
          const r = exchange(context, d);
          bit = r & 1;
          d = r >> 1;
        }
        const sample = target + <usize>(rowNumber(row) * rowBytes);
        store<u32>(sample, load<u32>(sample) + (bit ? half : zero));
      } while (candidates !== 0);
    }
  }
  return d;
}

/** All samples that the other two passes left, with run mode over columns where nothing is known (D.3.4). */
export function cleanupPass(width: i32, height: i32, table: usize, plane: u32, isCausal: bool, d: i32): i32 {
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
      let candidates = ~((flags >> 4) | (flags >> 21)) & rows;
      let isFound = false;
      if ((flags & (SIGNIFICANT | VISITED)) === 0 && rows === ALL_ROWS) {
        const word = load<u32>(RUN_CONTEXT);
        let bit = word & 1;
        d -= <i32>(word & PROBABILITY);
        if (d < 0) {
          const r = exchange(RUN_CONTEXT, d);
          bit = r & 1;
          d = r >> 1;
        }
        if (bit === 0) continue;
        d = twoUniformBits(d);
        candidates = ALL_ROWS & (-1 << ((d & 3) * 3));
        d >>= 2;
        isFound = true;
      }
      for (; candidates !== 0; candidates &= candidates - 1) {
        const row = ctz(candidates);
        if (!isFound) {
          const context = CONTEXTS + <usize>load<u8>(table + <usize>((flags >> row) & NEIGHBORS));
          const word = load<u32>(context);
          let bit = word & 1;
          d -= <i32>(word & PROBABILITY);
          if (d < 0) {
            const r = exchange(context, d);
            bit = r & 1;
            d = r >> 1;
          }
          if (bit === 0) continue;
        }
        isFound = false;
        const entry = <u32>load<u8>(SIGN_CODING + <usize>signNeighbors(flags, address, row));
        const signContext = CONTEXTS + <usize>(entry & 127);
        const signWord = load<u32>(signContext);
        let sign = signWord & 1;
        d -= <i32>(signWord & PROBABILITY);
        if (d < 0) {
          const r = exchange(signContext, d);
          sign = r & 1;
          d = r >> 1;
        }
        sign ^= entry >> 7;
        store<u32>(target + <usize>(rowNumber(row) * rowBytes), value | (sign << 31));
        spread(address, flagBytes, row, sign, isCausal);
        flags |= (0x10 | (sign << 19)) << row;
      }
      store<u32>(address, flags & ~VISITED);
    }
  }
  return d;
}

/** Two symbols of the uniform context: D times four, plus the two bits, the first one above. */
function twoUniformBits(d: i32): i32 {
  const first = uniformBit(d);
  const second = uniformBit(first >> 1);
  return ((second >> 1) << 2) | ((first & 1) << 1) | (second & 1);
}

/** One symbol of the uniform context: D times two, plus the bit. */
export function uniformBit(d: i32): i32 {
  const word = load<u32>(UNIFORM_CONTEXT);
  d -= <i32>(word & PROBABILITY);
  return d < 0 ? exchange(UNIFORM_CONTEXT, d) : (d << 1) | <i32>(word & 1);
}
