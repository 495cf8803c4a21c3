/** The reversible inverse transform of one resolution, 5/3 (ISO/IEC 15444-1 Annex F.3), in whole numbers. */
import { HIGH, interleave, LOW, lowCount, mirror, takeApart } from './rows.as';

/**
 * Makes a window of a resolution out of its bands, in place.
 *
 * Row y of the plane holds, when its place is even, [room for the lows, HL], otherwise [LH, HH]; `low` holds the rows
 * of the resolution below. Windows reach two samples over what is wanted, where there are any.
 *
 * @param rowBytes a multiple of 32.
 * @param parities bit 0: the window starts at an odd column; bit 1: at an odd row.
 */
export function inverse53(
  plane: usize,
  rowBytes: usize,
  width: i32,
  height: i32,
  parities: i32,
  low: usize,
  lowBytes: usize,
): void {
  const parity = parities >> 1;
  for (let y = 0; y < height + 2; y++) {
    const isHigh = ((y + parity) & 1) === 1;
    const row = plane + <usize>y * rowBytes;
    if (y < height) horizontal(row, width, parities & 1, isHigh ? row : low + <usize>(y >> 1) * lowBytes);
    if (!isHigh || height === 1) continue;
    if (y >= 3 && y < height) liftBoth(row, rowBytes, width);
    else {
      if (y >= 1 && y <= height) liftRow(plane, rowBytes, width, height, y - 1, false);
      if (y >= 2 && y <= height + 1) liftRow(plane, rowBytes, width, height, y - 2, true);
    }
  }
  if (height === 1 && parity) halve(plane, width);
}

function horizontal(row: usize, width: i32, parity: i32, low: usize): void {
  if (width === 1) {
    store<i32>(row, parity ? load<i32>(row) >> 1 : load<i32>(low));
    return;
  }
  const lows = lowCount(width, parity);
  const highs = width - lows;
  takeApart(row, low, lows, highs);
  mirror(HIGH, highs);
  const offset = <usize>parity << 2;
  const lowEnd = <usize>lows << 2;
  for (let i: usize = 0; i < lowEnd; i += 16) {
    const sum = i32x4.add(v128.load(HIGH + i + offset - 4), v128.load(HIGH + i + offset));
    const change = i32x4.shr_s(i32x4.add(sum, i32x4.splat(2)), 2);
    v128.store(LOW + i, i32x4.sub(v128.load(LOW + i), change));
  }
  mirror(LOW, lows);
  const highEnd = <usize>highs << 2;
  for (let i: usize = 0; i < highEnd; i += 16) {
    const sum = i32x4.add(v128.load(LOW + i - offset), v128.load(LOW + i - offset + 4));
    v128.store(HIGH + i, i32x4.add(v128.load(HIGH + i), i32x4.shr_s(sum, 1)));
  }
  interleave(row, width, parity);
}

/** Both steps at once, away from the ends: the row above `row` and the one above that. */
function liftBoth(row: usize, rowBytes: usize, width: i32): void {
  const end = row + (<usize>width << 2);
  for (let p = row; p < end; p += 16) {
    const high = v128.load(p - 2 * rowBytes);
    const sum = i32x4.add(high, v128.load(p));
    const even = i32x4.sub(v128.load(p - rowBytes), i32x4.shr_s(i32x4.add(sum, i32x4.splat(2)), 2));
    v128.store(p - rowBytes, even);
    const between = i32x4.shr_s(i32x4.add(v128.load(p - 3 * rowBytes), even), 1);
    v128.store(p - 2 * rowBytes, i32x4.add(high, between));
  }
}

/** The step of one row, whose neighbors are mirrored at the ends of the plane. */
function liftRow(plane: usize, rowBytes: usize, width: i32, height: i32, y: i32, isHigh: bool): void {
  const row = plane + <usize>y * rowBytes;
  const above = y > 0 ? row - rowBytes : row + rowBytes;
  const below = y + 1 < height ? row + rowBytes : row - rowBytes;
  const end = <usize>width << 2;
  for (let i: usize = 0; i < end; i += 16) {
    const sum = i32x4.add(v128.load(above + i), v128.load(below + i));
    const value = v128.load(row + i);
    const lifted = isHigh
      ? i32x4.add(value, i32x4.shr_s(sum, 1))
      : i32x4.sub(value, i32x4.shr_s(i32x4.add(sum, i32x4.splat(2)), 2));
    v128.store(row + i, lifted);
  }
}

/** A single row at an odd place is all high-pass (F.3.6). */
function halve(row: usize, width: i32): void {
  for (let x = 0; x < width; x++) {
    const address = row + (<usize>x << 2);
    store<i32>(address, load<i32>(address) >> 1);
  }
}
