/** Samples through tables. */

/** Bytes through one table of 256 bytes, eight in a round: one load and one store each are less than taking words apart. */
export function lookup(from: usize, to: usize, count: i32, table: usize): void {
  const end = from + count;
  for (; from < end; from += 8, to += 8) {
    store<u8>(to, load<u8>(table + <usize>load<u8>(from)));
    store<u8>(to, load<u8>(table + <usize>load<u8>(from, 1)), 1);
    store<u8>(to, load<u8>(table + <usize>load<u8>(from, 2)), 2);
    store<u8>(to, load<u8>(table + <usize>load<u8>(from, 3)), 3);
    store<u8>(to, load<u8>(table + <usize>load<u8>(from, 4)), 4);
    store<u8>(to, load<u8>(table + <usize>load<u8>(from, 5)), 5);
    store<u8>(to, load<u8>(table + <usize>load<u8>(from, 6)), 6);
    store<u8>(to, load<u8>(table + <usize>load<u8>(from, 7)), 7);
  }
}

/** Words through one table of 65,536 bytes, eight in a round. */
export function lookup16(from: usize, to: usize, count: i32, table: usize): void {
  const end = from + (<usize>count << 1);
  for (; from < end; from += 16, to += 8) {
    store<u8>(to, load<u8>(table + <usize>load<u16>(from)));
    store<u8>(to, load<u8>(table + <usize>load<u16>(from, 2)), 1);
    store<u8>(to, load<u8>(table + <usize>load<u16>(from, 4)), 2);
    store<u8>(to, load<u8>(table + <usize>load<u16>(from, 6)), 3);
    store<u8>(to, load<u8>(table + <usize>load<u16>(from, 8)), 4);
    store<u8>(to, load<u8>(table + <usize>load<u16>(from, 10)), 5);
    store<u8>(to, load<u8>(table + <usize>load<u16>(from, 12)), 6);
    store<u8>(to, load<u8>(table + <usize>load<u16>(from, 14)), 7);
  }
}

/** One band: `from` and `to` are its first samples, strides count samples. */
export function lookupBand8(from: usize, fromStride: i32, to: usize, toStride: i32, pixels: i32, table: usize): void {
  for (; pixels > 0; pixels--, from += fromStride, to += toStride) store<u8>(to, load<u8>(table + <usize>load<u8>(from)));
}

export function lookupBand16(from: usize, fromStride: i32, to: usize, toStride: i32, pixels: i32, table: usize): void {
  const step = <usize>fromStride << 1;
  for (; pixels > 0; pixels--, from += step, to += toStride) store<u8>(to, load<u8>(table + <usize>load<u16>(from)));
}

/** Three bytes for each pixel out of a table of four for each value of its first band. */
export function colors8(from: usize, stride: i32, to: usize, pixels: i32, table: usize): void {
  for (; pixels > 0; pixels--, from += stride, to += 3) store<u32>(to, load<u32>(table + ((<usize>load<u8>(from)) << 2)));
}

export function colors16(from: usize, stride: i32, to: usize, pixels: i32, table: usize): void {
  const step = <usize>stride << 1;
  for (; pixels > 0; pixels--, from += step, to += 3) store<u32>(to, load<u32>(table + ((<usize>load<u16>(from)) << 2)));
}
