/**
 * What is known of the four samples of a stripe column and of their neighbors, in one word, as OpenJPEG (BSD licence)
 * lays it out:
 *
 * - bits 0 to 17: significance of six rows (above, the four, below) of three columns (left, this, right);
 * - bit 18: sign of the sample above; 19, 22, 25, 28: signs of the four; 31: sign of the sample below;
 * - bits 20, 23, 26, 29: refined before; 21, 24, 27, 30: visited in this bit-plane.
 *
 * Shifted right by 3 × row, the word has the neighborhood of that row in bits 0 to 8, so a row is named by that shift:
 * 0, 3, 6 or 9. Sets of rows are masks of these bits.
 */

export const ALL_ROWS: u32 = 0x249;
/** Every significance bit. */
export const SIGNIFICANT: u32 = 0x3ffff;
export const NEIGHBORS: u32 = 0x1ef;
export const VISITED: u32 = ALL_ROWS << 21;

/** The address of a context's word for a neighborhood, as an offset of bytes; one table of 512 an orientation. */
export const ZERO_CODING: usize = memory.data(4 * 512, 16);
/** For `signNeighbors`: the offset of the context's word, and in bit 7 whether the symbol is inverted. */
export const SIGN_CODING: usize = memory.data(256, 16);

/** Rows that are not significant and have a significant neighbor. */
// @ts-ignore: a decorator
@inline
export function insignificantNeighbors(flags: u32): u32 {
  const rows = (flags | (flags >> 1) | (flags >> 2)) & 0x9249;
  return (rows | (rows >> 3) | (rows >> 6)) & ~(flags >> 4);
}

/** The index of SIGN_CODING: bits 0, 2, 4, 6 signs of left, right, above, below; 3, 5, 1, 7 their significance. */
// @ts-ignore: a decorator
@inline
export function signNeighbors(flags: u32, address: usize, row: u32): u32 {
  const above = row === 0 ? flags >> 14 : flags >> (row + 12);
  return (
    ((flags >> row) & 0xaa) |
    ((load<u32>(address - 4) >> (row + 19)) & 0x01) |
    ((load<u32>(address + 4) >> (row + 17)) & 0x04) |
    (above & 0x10) |
    ((flags >> (row + 16)) & 0x40)
  );
}

/** Tells the neighbors of a sample that it became significant. Its own word is the caller's. */
// @ts-ignore: a decorator
@inline
export function spread(address: usize, rowBytes: usize, row: u32, sign: u32, isCausal: bool): void {
  store<u32>(address - 4, load<u32>(address - 4) | (0x20 << row));
  store<u32>(address + 4, load<u32>(address + 4) | (0x08 << row));
  if (row === 0) {
    if (!isCausal) {
      const above = address - rowBytes;
      store<u32>(above - 4, load<u32>(above - 4) | 0x20000);
      store<u32>(above, load<u32>(above) | 0x10000 | (sign << 31));
      store<u32>(above + 4, load<u32>(above + 4) | 0x08000);
    }
  } else if (row === 9) {
    const below = address + rowBytes;
    store<u32>(below - 4, load<u32>(below - 4) | 0x4);
    store<u32>(below, load<u32>(below) | 0x2 | (sign << 18));
    store<u32>(below + 4, load<u32>(below + 4) | 0x1);
  }
}

/** Tables D.1 and D.3. */
export function makeContextTables(): void {
  for (let orientation = 0; orientation < 4; orientation++)
    for (let n = 0; n < 512; n++)
      store<u8>(ZERO_CODING + (orientation << 9) + n, <u8>(zeroContext(orientation, n) * 4));
  for (let n = 0; n < 256; n++) {
    const horizontal = contribution(n >> 3, n) + contribution(n >> 5, n >> 2);
    const vertical = contribution(n >> 1, n >> 4) + contribution(n >> 7, n >> 6);
    store<u8>(SIGN_CODING + n, <u8>signContext(max(-1, min(1, horizontal)), max(-1, min(1, vertical))));
  }
}

function contribution(significant: i32, sign: i32): i32 {
  return significant & 1 ? 1 - ((sign & 1) << 1) : 0;
}

function signContext(horizontal: i32, vertical: i32): i32 {
  const isInverted = horizontal < 0 || (horizontal === 0 && vertical < 0);
  const context = horizontal === 0 ? 9 + abs(vertical) : 12 + horizontal * vertical;
  return context * 4 + (isInverted ? 128 : 0);
}

function zeroContext(orientation: i32, n: i32): i32 {
  let h = ((n >> 3) & 1) + ((n >> 5) & 1);
  let v = ((n >> 1) & 1) + ((n >> 7) & 1);
  const d = (n & 1) + ((n >> 2) & 1) + ((n >> 6) & 1) + ((n >> 8) & 1);
  if (orientation === 3) {
    if (d >= 3) return 8;
    if (d === 2) return h + v > 0 ? 7 : 6;
    if (d === 1) return 3 + min(2, h + v);
    return min(2, h + v);
  }
  if (orientation === 1) {
    const swapped = h;
    h = v;
    v = swapped;
  }
  if (h === 2) return 8;
  if (h === 1) return v > 0 ? 7 : d > 0 ? 6 : 5;
  if (v > 0) return 2 + v;
  return min(2, d);
}
