/** Sums of differences between neighbors (TIFF 6.0, section 14, and Technical Note 3), in place. */

/** Rows of `rowLength` bytes, `step` bytes for each pixel. */
export function sum8(at: usize, rows: i32, rowLength: i32, step: i32): void {
  for (; rows > 0; rows--, at += rowLength) {
    if (step == 1) sumBytes1(at, at + rowLength);
    else if (step == 3) sumBytes3(at, at + rowLength);
    else if (step == 4) sumBytes4(at, at + rowLength);
    else for (let p = at + step; p < at + rowLength; p++) store<u8>(p, load<u8>(p) + load<u8>(p - step));
  }
}

function sumBytes1(from: usize, end: usize): void {
  const zero = i8x16.splat(0);
  let sum = zero;
  let p = from;
  for (; p + 16 <= end; p += 16) {
    let v = v128.load(p);
    v = i8x16.add(v, i8x16.shuffle(zero, v, 0, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30));
    v = i8x16.add(v, i8x16.shuffle(zero, v, 0, 0, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29));
    v = i8x16.add(v, i8x16.shuffle(zero, v, 0, 0, 0, 0, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27));
    v = i8x16.add(v, i8x16.shuffle(zero, v, 0, 0, 0, 0, 0, 0, 0, 0, 16, 17, 18, 19, 20, 21, 22, 23));
    v = i8x16.add(v, sum);
    v128.store(p, v);
    sum = i8x16.splat(i8x16.extract_lane_s(v, 15));
  }
  for (let last: u8 = p > from ? load<u8>(p - 1) : 0; p < end; p++) {
    last += load<u8>(p);
    store<u8>(p, last);
  }
}

/**
 * Five pixels in a vector; its sixteenth byte belongs to the next one, which is loaded before, as a processor waits when it
 * loads what it has just stored in part.
 */
function sumBytes3(from: usize, end: usize): void {
  const zero = i8x16.splat(0);
  let sum = zero;
  let p = from;
  if (p + 16 <= end) {
    let v = v128.load(p);
    for (; p + 31 <= end; p += 15) {
      const following = v128.load(p + 15);
      v = i8x16.add(v, i8x16.shuffle(zero, v, 0, 0, 0, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28));
      v = i8x16.add(v, i8x16.shuffle(zero, v, 0, 0, 0, 0, 0, 0, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25));
      v = i8x16.add(v, i8x16.shuffle(zero, v, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 17, 18, 19));
      v = i8x16.add(v, sum);
      sum = i8x16.shuffle(v, v, 12, 13, 14, 12, 13, 14, 12, 13, 14, 12, 13, 14, 12, 13, 14, 12);
      v128.store(p, v);
      v = following;
    }
    // The byte that the last vector wrote too much.
    store<u8>(p, i8x16.extract_lane_u(v, 0));
  }
  for (p = max(p, from + 3); p < end; p++) store<u8>(p, load<u8>(p) + load<u8>(p - 3));
}

function sumBytes4(from: usize, end: usize): void {
  let sum = i8x16.splat(0);
  for (let p = from; p + 4 <= end; p += 4) {
    sum = i8x16.add(sum, v128.load32_zero(p));
    v128.store32_lane(p, sum, 0);
  }
}

/** As `sum8` over samples of 16 bits; lengths count samples. */
export function sum16(at: usize, rows: i32, rowLength: i32, step: i32): void {
  const length = <usize>rowLength << 1;
  const back = <usize>step << 1;
  for (; rows > 0; rows--, at += length) {
    if (step == 1) sumWords1(at, at + length);
    else for (let p = at + back; p < at + length; p += 2) store<u16>(p, load<u16>(p) + load<u16>(p - back));
  }
}

function sumWords1(from: usize, end: usize): void {
  const zero = i16x8.splat(0);
  let sum = zero;
  let p = from;
  for (; p + 16 <= end; p += 16) {
    let v = v128.load(p);
    v = i16x8.add(v, v128.shuffle<i16>(zero, v, 0, 8, 9, 10, 11, 12, 13, 14));
    v = i16x8.add(v, v128.shuffle<i16>(zero, v, 0, 0, 8, 9, 10, 11, 12, 13));
    v = i16x8.add(v, v128.shuffle<i16>(zero, v, 0, 0, 0, 0, 8, 9, 10, 11));
    v = i16x8.add(v, sum);
    v128.store(p, v);
    sum = i16x8.splat(i16x8.extract_lane_s(v, 7));
  }
  for (let last: u16 = p > from ? load<u16>(p - 2) : 0; p < end; p += 2) {
    last += load<u16>(p);
    store<u16>(p, last);
  }
}

/** As `sum8` over samples of 32 bits. */
export function sum32(at: usize, rows: i32, rowLength: i32, step: i32): void {
  const length = <usize>rowLength << 2;
  const back = <usize>step << 2;
  for (; rows > 0; rows--, at += length)
    for (let p = at + back; p < at + length; p += 4) store<u32>(p, load<u32>(p) + load<u32>(p - back));
}

/** Rows whose samples are stored as planes of bytes, the highest first, to samples with the lowest byte first. */
export function gatherPlanes(from: usize, to: usize, rows: i32, rowLength: i32, sampleBytes: i32): void {
  const rowBytes = rowLength * sampleBytes;
  for (; rows > 0; rows--, from += rowBytes, to += rowBytes) {
    for (let plane = 0; plane < sampleBytes; plane++) {
      let target = to + sampleBytes - 1 - plane;
      const start = from + plane * rowLength;
      for (let p = start; p < start + rowLength; p++, target += sampleBytes) store<u8>(target, load<u8>(p));
    }
  }
}
