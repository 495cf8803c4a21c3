/** The two passes that may follow a cleanup pass in a high-throughput block, one plane below it (T.814, 7.4, 7.5). */
import { COEFFICIENTS } from './memory.as';
import { peekBackward, peekForward, skipBackward, skipForward } from './ht-streams.as';

/** A byte a sample, with a border all round: 1 where significant. */
const SIGNIFICANT: usize = memory.data(1026 * 6 + 64, 16);

/** One more bit of each sample that the cleanup pass found; to come before `propagate`. */
export function refine(width: i32, height: i32, plane: u32): void {
  for (let top = 0; top < height; top += 4) {
    const bottom = min(top + 4, height);
    for (let x = 0; x < width; x++) {
      for (let y = top; y < bottom; y++) {
        const address = COEFFICIENTS + (<usize>(y * width + x) << 2);
        const value = load<u32>(address);
        if (value === 0) continue;
        const bit = peekBackward() & 1;
        skipBackward(1);
        store<u32>(address, (value ^ ((1 - bit) << (plane + 1))) | (1 << plane));
      }
    }
  }
}

/** Samples beside significant ones: for each four by four first which become significant, then their signs. */
export function propagate(width: i32, height: i32, plane: u32, isCausal: bool): void {
  const stride = <usize>(width + 2);
  markSignificant(width, height);
  for (let top = 0; top < height; top += 4) {
    const bottom = min(top + 4, height);
    for (let left = 0; left < width; left += 4) {
      const found = propagateGroup(stride, left, min(left + 4, width), top, bottom, isCausal);
      if (found !== 0) setFound(width, left, top, found, 3 << plane);
    }
  }
}

function markSignificant(width: i32, height: i32): void {
  memory.fill(SIGNIFICANT, 0, <usize>((width + 2) * (height + 2)));
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (load<u32>(COEFFICIENTS + (<usize>(y * width + x) << 2)))
        store<u8>(SIGNIFICANT + <usize>((y + 1) * (width + 2) + x + 1), 1);
}

/** Bit 4 × column + row of the result: the sample became significant. */
function propagateGroup(
  stride: usize,
  left: i32,
  right: i32,
  top: i32,
  bottom: i32,
  isCausal: bool,
): u32 {
  let found: u32 = 0;
  for (let x = left; x < right; x++) {
    for (let y = top; y < bottom; y++) {
      const address = SIGNIFICANT + <usize>(y + 1) * stride + <usize>(x + 1);
      if (load<u8>(address)) continue;
      let around = three(address - stride) | three(address);
      if (!isCausal || y !== top + 3) around |= three(address + stride);
      if (around === 0) continue;
      const bit = peekForward() & 1;
      skipForward(1);
      if (bit === 0) continue;
      store<u8>(address, 1);
      found |= 1 << (((x - left) << 2) + y - top);
    }
  }
  return found;
}

// @ts-ignore: a decorator
@inline
function three(address: usize): u32 {
  return <u32>load<u8>(address - 1) | <u32>load<u8>(address) | <u32>load<u8>(address + 1);
}

function setFound(width: i32, left: i32, top: i32, found: u32, value: u32): void {
  for (; found !== 0; found &= found - 1) {
    const place = <i32>ctz(found);
    const sign = peekForward() & 1;
    skipForward(1);
    const index = (top + (place & 3)) * width + left + (place >> 2);
    store<u32>(COEFFICIENTS + (<usize>index << 2), value | (sign << 31));
  }
}
