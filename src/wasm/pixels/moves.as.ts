/** Samples that change their place or width, and keep their value. */

/** The first `kept` of `bands` bands, in samples of `size` bytes. */
export function pick(from: usize, bands: i32, to: usize, kept: i32, pixels: i32, size: i32): void {
  const step = bands * size;
  const length = kept * size;
  for (; pixels > 0; pixels--, from += step, to += length) {
    // What is copied too far is written over by the next pixel.
    if (length <= 4) store<u32>(to, load<u32>(from));
    else if (length <= 16) v128.store(to, v128.load(from));
    else memory.copy(to, from, length);
  }
}

/** 16 bits to their high byte. */
export function highByte16(from: usize, to: usize, count: i32): void {
  const end = from + (<usize>count << 1);
  for (; from < end; from += 32, to += 16)
    v128.store(to, i8x16.narrow_i16x8_u(i16x8.shr_u(v128.load(from), 8), i16x8.shr_u(v128.load(from, 16), 8)));
}

/** 32 bits to their high byte. */
export function highByte32(from: usize, to: usize, count: i32): void {
  const end = from + (<usize>count << 2);
  for (; from < end; from += 16, to += 4) {
    const words = i16x8.narrow_i32x4_u(i32x4.shr_u(v128.load(from), 24), i32x4.splat(0));
    v128.store32_lane(to, i8x16.narrow_i16x8_u(words, words), 0);
  }
}

/** Side of the square blocks in which rows become columns, so that what is written stays in the processor's cache. */
const BLOCK: i32 = 32;

/** Rows become columns: pixel (x, y), of `size` bytes, goes to `to + x * acrossRow + y * downColumn` (bytes). */
export function transpose(from: usize, width: i32, height: i32, size: i32, to: usize, acrossRow: i32, downColumn: i32): void {
  for (let top = 0; top < height; top += BLOCK) {
    const bottom = min(top + BLOCK, height);
    for (let left = 0; left < width; left += BLOCK) {
      const count = min(BLOCK, width - left);
      for (let y = top; y < bottom; y++)
        scatter(from + <usize>((y * width + left) * size), count, size, to + left * acrossRow + y * downColumn, acrossRow);
    }
  }
}

/** The pixels of a row in the opposite order. */
export function reverse(from: usize, pixels: i32, size: i32, to: usize): void {
  scatter(from, pixels, size, to + <usize>((pixels - 1) * size), -size);
}

/** Pixels of a row to places at equal distances. */
function scatter(from: usize, count: i32, size: i32, to: usize, step: i32): void {
  const end = from + <usize>(count * size);
  if (size == 1) for (; from < end; from++, to += step) store<u8>(to, load<u8>(from));
  else if (size == 2) for (; from < end; from += 2, to += step) store<u16>(to, load<u16>(from));
  else if (size == 3) {
    for (; from < end; from += 3, to += step) {
      store<u16>(to, load<u16>(from));
      store<u8>(to, load<u8>(from, 2), 2);
    }
  } else if (size == 4) for (; from < end; from += 4, to += step) store<u32>(to, load<u32>(from));
  else for (; from < end; from += size, to += step) memory.copy(to, from, size);
}
