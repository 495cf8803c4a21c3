/** Samples through tables. */

/** Bytes through one table of 256 bytes, eight at a time. */
export function lookup(from: usize, to: usize, count: i32, table: usize): void {
  const end = from + count;
  for (; from < end; from += 8, to += 8) {
    const v = load<u64>(from);
    let out: u64 = load<u8>(table + <usize>(v & 0xff));
    out |= (<u64>load<u8>(table + <usize>((v >> 8) & 0xff))) << 8;
    out |= (<u64>load<u8>(table + <usize>((v >> 16) & 0xff))) << 16;
    out |= (<u64>load<u8>(table + <usize>((v >> 24) & 0xff))) << 24;
    out |= (<u64>load<u8>(table + <usize>((v >> 32) & 0xff))) << 32;
    out |= (<u64>load<u8>(table + <usize>((v >> 40) & 0xff))) << 40;
    out |= (<u64>load<u8>(table + <usize>((v >> 48) & 0xff))) << 48;
    out |= (<u64>load<u8>(table + <usize>(v >> 56))) << 56;
    store<u64>(to, out);
  }
}

/** Words through one table of 65,536 bytes, four at a time. */
export function lookup16(from: usize, to: usize, count: i32, table: usize): void {
  const end = from + (<usize>count << 1);
  for (; from < end; from += 8, to += 4) {
    const v = load<u64>(from);
    let out: u32 = load<u8>(table + <usize>(v & 0xffff));
    out |= (<u32>load<u8>(table + <usize>((v >> 16) & 0xffff))) << 8;
    out |= (<u32>load<u8>(table + <usize>((v >> 32) & 0xffff))) << 16;
    out |= (<u32>load<u8>(table + <usize>(v >> 48))) << 24;
    store<u32>(to, out);
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
