/**
 * The irreversible inverse transform of one resolution, 9/7 (ISO/IEC 15444-1 Annex F.3.8.2), in floats.
 *
 * The scaling by K and 1/K is not here: it is linear, so the caller puts it into the steps of the bands. What comes in
 * has been multiplied by K for each low-pass and 1/K for each high-pass direction already, of all resolutions above.
 */
import { HIGH, interleave, LOW, lowCount, mirror, takeApart } from './rows.as';

/** Table F.4, and what a line of one sample must be given back. */
const ALPHA: f32 = -1.586134342059924;
const BETA: f32 = -0.052980118572961;
const GAMMA: f32 = 0.882911075530934;
const DELTA: f32 = 0.443506852043971;
const K: f32 = 1.230174104914001;

/** As `inverse53`, with windows that reach four samples over what is wanted. */
export function inverse97(
  plane: usize,
  rowBytes: usize,
  width: i32,
  height: i32,
  parities: i32,
  low: usize,
  lowBytes: usize,
): void {
  const parity = parities >> 1;
  for (let y = 0; y < height + 4; y++) {
    const isHigh = ((y + parity) & 1) === 1;
    const row = plane + <usize>y * rowBytes;
    if (y < height) horizontal(row, width, parities & 1, isHigh ? row : low + <usize>(y >> 1) * lowBytes);
    if (!isHigh || height === 1) continue;
    if (y >= 5 && y < height) liftFour(row, rowBytes, width);
    else {
      liftRow(plane, rowBytes, width, height, y - 1, DELTA);
      liftRow(plane, rowBytes, width, height, y - 2, GAMMA);
      liftRow(plane, rowBytes, width, height, y - 3, BETA);
      liftRow(plane, rowBytes, width, height, y - 4, ALPHA);
    }
  }
  if (height === 1) scale(plane, width, single(parity));
}

// @ts-ignore: a decorator
@inline
function single(parity: i32): f32 {
  return parity ? K * 0.5 : 1 / K;
}

function horizontal(row: usize, width: i32, parity: i32, low: usize): void {
  if (width === 1) {
    store<f32>(row, load<f32>(parity ? row : low) * single(parity));
    return;
  }
  const lows = lowCount(width, parity);
  const highs = width - lows;
  takeApart(row, low, lows, highs);
  const offset = <usize>parity << 2;
  mirror(HIGH, highs);
  liftLine(LOW, HIGH + offset - 4, lows, DELTA);
  mirror(LOW, lows);
  liftLine(HIGH, LOW - offset, highs, GAMMA);
  mirror(HIGH, highs);
  liftLine(LOW, HIGH + offset - 4, lows, BETA);
  mirror(LOW, lows);
  liftLine(HIGH, LOW - offset, highs, ALPHA);
  interleave(row, width, parity);
}

/** line[i] -= factor * (neighbors[i] + neighbors[i + 1]) */
// @ts-ignore: a decorator
@inline
function liftLine(line: usize, neighbors: usize, count: i32, factor: f32): void {
  const factors = f32x4.splat(factor);
  const end = <usize>count << 2;
  for (let i: usize = 0; i < end; i += 16) {
    const sum = f32x4.add(v128.load(neighbors + i), v128.load(neighbors + i, 4));
    v128.store(line + i, f32x4.sub(v128.load(line + i), f32x4.mul(sum, factors)));
  }
}

/** The four steps at once, away from the ends: of the four rows above `row`, each one step. */
function liftFour(row: usize, rowBytes: usize, width: i32): void {
  const end = row + (<usize>width << 2);
  for (let p = row; p < end; p += 16) {
    const second = v128.load(p - 2 * rowBytes);
    const third = v128.load(p - 3 * rowBytes);
    const fourth = v128.load(p - 4 * rowBytes);
    const a = less(v128.load(p - rowBytes), second, v128.load(p), DELTA);
    v128.store(p - rowBytes, a);
    const b = less(second, third, a, GAMMA);
    v128.store(p - 2 * rowBytes, b);
    const c = less(third, fourth, b, BETA);
    v128.store(p - 3 * rowBytes, c);
    v128.store(p - 4 * rowBytes, less(fourth, v128.load(p - 5 * rowBytes), c, ALPHA));
  }
}

// @ts-ignore: a decorator
@inline
function less(value: v128, above: v128, below: v128, factor: f32): v128 {
  return f32x4.sub(value, f32x4.mul(f32x4.add(above, below), f32x4.splat(factor)));
}

/** One step of one row, if there is that row; its neighbors are mirrored at the ends of the plane. */
function liftRow(plane: usize, rowBytes: usize, width: i32, height: i32, y: i32, factor: f32): void {
  if (y < 0 || y >= height) return;
  const row = plane + <usize>y * rowBytes;
  const above = y > 0 ? row - rowBytes : row + rowBytes;
  const below = y + 1 < height ? row + rowBytes : row - rowBytes;
  const end = <usize>width << 2;
  for (let i: usize = 0; i < end; i += 16)
    v128.store(row + i, less(v128.load(row + i), v128.load(above + i), v128.load(below + i), factor));
}

function scale(row: usize, width: i32, factor: f32): void {
  for (let x = 0; x < width; x++) {
    const address = row + (<usize>x << 2);
    store<f32>(address, load<f32>(address) * factor);
  }
}
